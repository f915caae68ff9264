"""``/cuenta``: hours left, minutes towards the next technical hour, the last movements, a month as a file."""

from bot.context import Context
from bot.handlers import proofs
from core.actions import statements
from core.queries import account
from core.queries import statement as months_of
from core.queries.account import Movements
from core.render import telegram
from core.render.account import bar, movement_words
from core.render.buttons import Button, Tap, data, in_rows
from core.rules.identity import Sight, may_see
from core.rules.ledger import HOUR
from core.rules.periods import month
from core.rules.statements import MONTHS_OFFERED, StatementForm


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
    month_as = [
        Button(t("Month as PDF"), data(Tap.STATEMENT, StatementForm.PDF)),
        Button(t("Month as CSV"), data(Tap.STATEMENT, StatementForm.CSV)),
    ]
    return [turn, month_as, [Button(t("Back"), data(Tap.PREFERENCES))]]


async def statement(context: Context) -> None:
    """Which month, or the month a button names: it is drawn after the commit and comes as a document."""
    assert context.tapped is not None
    if not may_see(context.bound.level, Sight.ACCOUNT):
        await proofs.refuse(context, context.t("Only verified phones see the company's account."))
        return
    form, *named = context.tapped.arguments
    span = month(named[0], context.office.t.timezone) if named else None
    if span is None:
        await _ask_month(context, StatementForm(form))
        return
    await statements.order(
        context.session, context.person, context.bound.company, span=span, form=StatementForm(form)
    )
    await context.answer_tap(context.t("The statement is on its way."))


async def _ask_month(context: Context, form: StatementForm) -> None:
    """The months by the desk's clock: the statement of everybody has the same lines."""
    t, company = context.t, context.bound.company
    months = await months_of.months(context.session, company.id, context.office.t.timezone)
    choices = [Button(t.month(day), data(Tap.STATEMENT, form, f"{day:%Y-%m}")) for day in months[:MONTHS_OFFERED]]
    text = t("Statement of %(company)s: which month?", company=company.name)
    rows = [*in_rows(choices, 2), [Button(t("Back"), data(Tap.ACCOUNT))]]
    await context.replace(telegram.message(telegram.plain(text), rows))
