"""Several companies in one chat: which one is active, one more, one less."""

from collections.abc import Sequence

from bot import buttons, screens
from bot.context import Context
from core.actions import bindings, conversations, drafts
from core.models import Binding
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.intake import Step


def wanted_by(context: Context, text: str) -> Binding | None:
    """The company that the menu's row for switching names, if the text is this row."""
    others = [one for one in context.bindings if one is not context.binding]
    return next((one for one in others if buttons.switches_to(text, one.company.name)), None)


async def show(context: Context) -> None:
    """All the companies of this chat: a tap makes one the active one."""
    t = context.t
    rows = [
        [Button(one.company.name, data(Tap.SWITCH, one.company_id))]
        for one in context.bindings
        if one is not context.binding
    ]
    rows.append([Button(t("Add another company"), data(Tap.ADD_COMPANY))])
    rows.append([Button(t("Back"), data(Tap.PREFERENCES))])
    text = t("You are writing for %(company)s.", company=context.bound.company.name)
    if len(context.bindings) > 1:
        text = t("You are writing for %(company)s. Tap another one to switch.", company=context.bound.company.name)
    await context.replace(telegram.message(telegram.plain(text), rows))


async def switch(context: Context) -> None:
    """A button of the list; the binding may have ended since."""
    assert context.tapped is not None
    wanted = int(context.tapped.arguments[0])
    binding = next((one for one in context.bindings if one.company_id == wanted), None)
    if binding is None:
        await context.answer_tap(context.t("You do not act for this company any more."), alert=True)
        return
    await activate(context, binding)


async def activate(context: Context, binding: Binding) -> None:
    """From now on the chat writes for this company; a draft that is open shows whose it would be."""
    context.person.active_company_id = binding.company_id
    context.binding = binding
    await screens.show_menu(context)
    writing = await drafts.open_of(context.session, context.chat_id)
    if writing is not None:
        await screens.show_card(context, writing, repost=True)


async def add(context: Context) -> None:
    """Bind one more company without leaving the others."""
    conversations.go(context.conversation, Step.OTHER_RUC)
    names = _names(context)
    text = context.t("Write the RUC of the other company. You stay with %(company)s, too.", company=names)
    await context.say(telegram.message(telegram.plain(text), [[_cancel(context)]]))


async def log_out(context: Context) -> None:
    """With one company at once; with several it is asked which."""
    if len(context.bindings) == 1:
        await leave_all(context)
        return
    t = context.t
    rows = [[Button(one.company.name, data(Tap.LEAVE, one.company_id))] for one in context.bindings]
    rows += [[Button(t("All of them"), data(Tap.LEAVE_ALL))], [_cancel(context)]]
    await context.say(telegram.message(telegram.plain(t("Which company do you want to leave in this chat?")), rows))


async def leave(context: Context) -> None:
    """A button names the company to leave; one without a name is that of the preferences."""
    assert context.tapped is not None
    if not context.tapped.arguments:
        await log_out(context)
        return
    wanted = int(context.tapped.arguments[0])
    await _leave(context, [one for one in context.bindings if one.company_id == wanted])


async def leave_one(context: Context, binding: Binding) -> None:
    await _leave(context, [binding])


async def leave_all(context: Context) -> None:
    await _leave(context, context.bindings)


async def _leave(context: Context, left: Sequence[Binding]) -> None:
    for binding in sorted(left, key=lambda one: one.company_id):  # one order for who locks several companies
        await bindings.log_out(context.session, context.person, binding)
    await context.look_again()
    t = context.t
    if context.binding is not None:
        names = ", ".join(one.company.name for one in left)
        await context.say_text(t("You have left %(company)s: nothing more of it will be sent here.", company=names))
        await screens.show_menu(context)
        return
    conversations.go(context.conversation, Step.START)
    text = t("You are logged out of this chat: nothing more will be sent here. /start to log in again.")
    await context.say(telegram.without_keyboard(telegram.plain(text)))


def _names(context: Context) -> str:
    return ", ".join(one.company.name for one in context.bindings)


def _cancel(context: Context) -> Button:
    return Button(context.t("Cancel"), data(Tap.MENU))
