"""``/cuenta``: hours left, what is accumulated towards the next technical hour, and the last movements."""

from bot.context import Context
from bot.handlers import proofs
from core.queries import account
from core.queries.account import Movements
from core.render import telegram
from core.render.account import bar, movement_words
from core.render.buttons import Button, Tap, data
from core.rules.identity import Sight, may_see
from core.rules.ledger import HOUR


async def show(context: Context) -> None:
    """The newest movements, or the page a button asks for."""
    t, company = context.t, context.bound.company
    if not may_see(context.bound.level, Sight.ACCOUNT):
        await proofs.refuse(context, t("Only verified phones see the company's account."))
        return
    found = await account.statement(context.session, company.id, **_place(context))
    html = telegram.page(
        "account",
        t,
        company=company,
        purchased=found.balances.purchased,
        bag=found.balances.bag,
        hour=HOUR,
        bar=bar(found.balances.bag),
        hours=found.hours,
        movements=[(line.at, movement_words(t, line)) for line in found.movements.lines],
    )
    await context.replace(telegram.message(html, _buttons(context, found.movements)))


def _place(context: Context) -> dict[str, int]:
    """``before`` or ``after`` a movement, from the button; nothing for the newest."""
    if context.tapped is None or context.tapped.tap is not Tap.ACCOUNT or len(context.tapped.arguments) != 2:
        return {}
    side, line = context.tapped.arguments
    return {side: int(line)} if side in {"before", "after"} else {}


def _buttons(context: Context, movements: Movements) -> telegram.Rows:
    t, turn = context.t, []
    if movements.newer:
        turn.append(Button(t("Previous"), data(Tap.ACCOUNT, "after", movements.newer)))
    if movements.older:
        turn.append(Button(t("Next"), data(Tap.ACCOUNT, "before", movements.older)))
    return [turn, [Button(t("Back"), data(Tap.PREFERENCES))]]
