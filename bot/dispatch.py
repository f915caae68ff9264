"""The table of handlers: which words, commands, taps and steps lead where."""

from collections.abc import Awaitable, Callable, Mapping

from bot import buttons, screens
from bot.context import Context
from bot.handlers import (
    account,
    afterwards,
    announcements,
    cancelling,
    companies,
    courtesy,
    drafts,
    joining,
    login,
    menu,
    muting,
    passwords,
    phones,
    preferences,
    proofs,
    reading,
    replies,
    requests,
    same,
    searching,
    services,
    staff,
)
from core.render.buttons import Tap
from core.rules.intake import LOGGED_OUT_STEPS, Step

Handler = Callable[[Context], Awaitable[None]]

COMMANDS: Mapping[str, Handler] = {
    "/start": menu.start,
    "/nuevo": drafts.new,
    "/mis": reading.mine,
    "/empresa": reading.company,
    "/buscar": searching.ask,
    "/preferencias": preferences.show,
    "/cuenta": account.show,
    "/ayuda": menu.help_,
    "/help": menu.help_,
    "/cancelar": menu.cancel,
    "/salir": companies.log_out,
    "/cambiar": companies.show,
}

WORDS: Mapping[str, Handler] = {
    buttons.NEW_TICKET: drafts.new,
    buttons.MY_TICKETS: reading.mine,
    buttons.COMPANY_TICKETS: reading.company,
    buttons.SEARCH: searching.ask,
    buttons.PREFERENCES: preferences.show,
    buttons.LOG_OUT: companies.log_out,
}

STEPS: Mapping[Step, Handler] = {
    Step.START: login.first_words,
    Step.RUC: login.ruc,
    Step.PASSWORD: login.password,
    Step.OTHER_RUC: login.ruc,
    Step.OTHER_PASSWORD: login.password,
    Step.PROOF: proofs.proof,
    Step.CODE: proofs.code,
    Step.MENU: replies.out_of_the_blue,
    Step.DRAFT: drafts.words,
    Step.ANSWER: replies.answer,
    Step.RATING: afterwards.comment,
    Step.SEARCH: searching.words,
    Step.PREFERENCES: preferences.typed,
    Step.OLD_PASSWORD: passwords.old_password,
    Step.NEW_PASSWORD: passwords.new_password,
}

TAPS: Mapping[Tap, Handler] = {
    Tap.FORGOT: login.forgot,
    Tap.UNVERIFIED: login.unverified,
    Tap.MENU: menu.cancel,
    Tap.NEW: drafts.new,
    Tap.SET: drafts.choose,
    Tap.ASK: drafts.change,
    Tap.BACK: drafts.back,
    Tap.SETTLE: drafts.settle,
    Tap.DROP_FILE: drafts.drop_file,
    Tap.SEND: drafts.send,
    Tap.CANCEL: cancelling.cancel,
    Tap.KEEP: cancelling.keep,
    Tap.UNDO: cancelling.undo,
    Tap.SUBJECT: drafts.suggest,
    Tap.SAME: same.add_to_it,
    Tap.OTHER: same.is_another,
    Tap.ANSWER: replies.ask_answer,
    Tap.SLOT: requests.slot,
    Tap.CONSENT: services.consent,
    Tap.TICKET: reading.ticket,
    Tap.FILE: reading.file,
    Tap.REPORT: reading.report,
    Tap.LIST: reading.turn,
    Tap.REOPEN: afterwards.reopen,
    Tap.GO_ON: afterwards.go_on,
    Tap.ONLY_COMMENT: afterwards.only_comment,
    Tap.ASK_CLOSE: afterwards.ask_to_close,
    Tap.RATE: afterwards.rate,
    Tap.NO_WORDS: afterwards.without_words,
    Tap.SEARCH: searching.ask,
    Tap.FIND: searching.turn,
    Tap.PLACE: replies.place,
    Tap.PLACE_NEW: replies.place_new,
    Tap.PASSWORD: passwords.change_password,
    Tap.PREFERENCES: preferences.show,
    Tap.CHOOSE: preferences.choose,
    Tap.ACCOUNT: account.show,
    Tap.STATEMENT: account.statement,
    Tap.MUTE: muting.mute,
    Tap.UNMUTE: muting.unmute,
    Tap.LEAVE: companies.leave,
    Tap.LEAVE_ALL: companies.leave_all,
    Tap.COMPANIES: companies.show,
    Tap.SWITCH: companies.switch,
    Tap.ADD_COMPANY: companies.add,
    Tap.PROVE: proofs.offer,
    Tap.MAIL_CODE: proofs.mail_code,
    Tap.APPROVAL: proofs.approval,
    Tap.WAS_ME: announcements.was_me,
    Tap.NOT_ME: announcements.not_me,
    Tap.PHONES: phones.show,
    Tap.REVOKE: phones.revoke,
    Tap.REVOKE_NOW: phones.revoke_now,
    Tap.IN_CHARGE: phones.put_in_charge,
}

# What somebody who is not logged in may do; everything else leads to the log-in.
OPEN_COMMANDS = frozenset({"/start", "/ayuda", "/help", "/cancelar"})
OPEN_TAPS = frozenset({Tap.FORGOT, Tap.MENU})


async def dispatch(context: Context) -> None:
    """Find the handler of a message or tap and let it work."""
    if context.tapped is not None:
        await _tap(context, context.tapped.tap)
        await context.answer_tap()
    elif context.message is not None and not await _is_of_staff(context):
        await _message(context)


async def _tap(context: Context, tap: Tap) -> None:
    if context.binding is None and tap not in OPEN_TAPS:
        await context.answer_tap(context.t("You are not logged in in this chat."), alert=True)
        await screens.ask_ruc(context)
        return
    await TAPS[tap](context)


async def _message(context: Context) -> None:
    assert context.message is not None
    text = context.message.text or ""
    command = _command(text)
    if not buttons.is_order(text) and await joining.joined(context):
        return
    if context.binding is None:
        handler = COMMANDS[command] if command in OPEN_COMMANDS else STEPS[_logged_out(context)]
    elif command:
        handler = COMMANDS.get(command, menu.help_)
    elif (word := buttons.menu_word(text)) is not None:
        handler = WORDS[word]
    elif buttons.is_switch(text):
        handler = companies.show
    elif (wanted := companies.wanted_by(context, text)) is not None:
        await companies.activate(context, wanted)
        return
    elif context.replies_to is not None:
        handler = replies.to_push
    else:
        handler = STEPS[_logged_in(context)]
    await _let(handler, context, is_command=bool(command))


def _command(text: str) -> str:
    return text.split(maxsplit=1)[0].split("@")[0].lower() if text.startswith("/") else ""


async def _is_of_staff(context: Context) -> bool:
    """Words in a technician's own chat; who is logged in there is a customer, unless it replies to an alert."""
    assert context.message is not None
    if await staff.is_answer_to_alert(context):
        await staff.answer_in_the_panel(context)
        return True
    if context.binding is not None or _command(context.message.text or "") in OPEN_COMMANDS:
        return False
    return _logged_out(context) is Step.START and await staff.spoken_to(context)


async def _let(handler: Handler, context: Context, *, is_command: bool) -> None:
    """The handler's turn, unless the message only thanks, or is of a kind it has no use for."""
    assert context.message is not None
    if handler in _MAY_BE_COURTESY and await courtesy.taken(context):
        return
    if handler not in _TAKES_ANYTHING and not is_command and context.content is None:
        await replies.explain_kind(context)
        return
    await handler(context)


_MAY_BE_COURTESY = frozenset({replies.to_push, replies.answer, replies.out_of_the_blue})
_TAKES_ANYTHING = frozenset({login.first_words, login.ruc, login.password, proofs.proof, proofs.code})


def _logged_out(context: Context) -> Step:
    return context.conversation.step if context.conversation.step in LOGGED_OUT_STEPS else Step.START


def _logged_in(context: Context) -> Step:
    return Step.MENU if context.conversation.step in LOGGED_OUT_STEPS else context.conversation.step
