"""Words for a ticket that exists: a reply to a push, Responder, or a message that looks for its ticket."""

from bot import incoming, screens
from bot.context import Context
from bot.handlers.drafts import too_big
from core.actions import articles, conversations, drafts
from core.actions.content import Content
from core.errors import NotFoundError
from core.messaging import outbox
from core.models import Draft, DraftState, OutboxRow, Ticket
from core.queries import tickets
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.intake import Step
from core.rules.limits import shorten
from core.rules.states import CLOSED

OFFERED = 6


async def is_reply_to_push(context: Context) -> bool:
    """Whether the message answers a message of ours that is about a ticket."""
    reply_to = context.message.reply_to_message if context.message else None
    if reply_to is None:
        return False
    return await tickets.of_message(context.session, str(reply_to.message_id), context.chat_id) is not None


async def to_push(context: Context) -> None:
    content = _content(context)
    number = await tickets.of_message(context.session, str(content.reply_to), context.chat_id)
    await _receive(context, content, number or 0)


async def ask_answer(context: Context) -> None:
    """Responder: the next message goes to this ticket."""
    assert context.tapped is not None
    number = int(context.tapped.arguments[0])
    try:
        ticket = await tickets.of_customer(context.session, context.person, context.bound, number)
    except NotFoundError:
        await context.answer_tap(context.t("There is no ticket #%(number)s here.", number=number), alert=True)
        return
    conversations.go(context.conversation, Step.ANSWER, number=number)
    text = context.t("Write your answer to #%(number)s, or send a file.", number=ticket.number)
    cancel = Button(context.t("Cancel"), data(Tap.MENU))
    await context.say(telegram.message(telegram.plain(text), [[cancel]]), ticket_id=ticket.id)


async def answer(context: Context) -> None:
    number = int(context.conversation.data.get("number", 0))
    writing = await drafts.open_of(context.session, context.chat_id)
    conversations.go(context.conversation, Step.DRAFT if writing else Step.MENU)
    await _receive(context, _content(context), number)


async def out_of_the_blue(context: Context) -> None:
    """Never an error: later parts of an album join theirs, anything else is kept and asks where it belongs."""
    content = _content(context)
    if content.file is not None and content.file.is_too_big:
        await context.say_text(too_big(context, content.file.name))
        return
    home = await articles.home_of_album(context.session, content)
    if home is not None:
        await _receive(context, content, home)
        return
    loose = await drafts.keep_loose(context.session, context.person, content)
    loose.company_id = context.bound.company_id
    await _ask_where(context, loose, repost=content.media_group is None)


async def _ask_where(context: Context, loose: Draft, *, repost: bool) -> None:
    t = context.t
    open_tickets = await tickets.last_active(context.session, context.person, context.bound, limit=OFFERED)
    rows = [
        [Button(shorten(f"#{ticket.number} {ticket.subject}", 60), data(Tap.PLACE, loose.id, ticket.number))]
        for ticket in open_tickets
    ]
    rows.append([Button(t("Open a new ticket with it"), data(Tap.PLACE_NEW, loose.id))])
    files = len(await drafts.files(context.session, loose))
    html = telegram.page("loose", t, text=shorten(loose.text, 600) if loose.text else "", files=files)
    payload = telegram.message(html, rows)
    card = await context.session.get(OutboxRow, loose.card_id) if loose.card_id else None
    if card is not None and outbox.has_message(card) and not repost:
        await outbox.edit(context.session, card.id, payload)
        return
    if card is not None:
        await outbox.retract(context.session, card.id)
    loose.card_id = (await context.say(payload)).id


async def place(context: Context) -> None:
    """The customer says which ticket the message belongs to."""
    loose = await _loose(context)
    if loose is None or context.tapped is None:
        return
    number = int(context.tapped.arguments[1])
    try:
        ticket = await tickets.of_customer(context.session, context.person, context.bound, number)
    except NotFoundError:
        await context.answer_tap(context.t("There is no ticket #%(number)s here.", number=number), alert=True)
        return
    await drafts.place(context.session, context.person, loose, ticket, office=context.office)
    if loose.card_id is not None:
        await outbox.edit(context.session, loose.card_id, _noted(context, ticket))


async def place_new(context: Context) -> None:
    """A new ticket begins with the message."""
    loose = await _loose(context)
    if loose is None:
        return
    card_id = loose.card_id
    draft = await drafts.become_ticket(context.session, context.person, loose)
    if card_id is not None:
        await outbox.retract(context.session, card_id)
    await screens.show_card(context, draft, repost=True)


async def _loose(context: Context) -> Draft | None:
    assert context.tapped is not None
    loose = await context.session.get(Draft, int(context.tapped.arguments[0]), with_for_update=True)
    if loose is None or loose.chat_id != context.chat_id or loose.state is not DraftState.LOOSE:
        await context.answer_tap(context.t("This message has found its place already."), alert=True)
        return None
    return loose


async def _receive(context: Context, content: Content, number: int) -> None:
    if content.file is not None and content.file.is_too_big:
        await context.say_text(too_big(context, content.file.name))
        return
    try:
        ticket = await tickets.of_customer(context.session, context.person, context.bound, number)
    except NotFoundError:
        await context.say_text(context.t("There is no ticket #%(number)s here.", number=number))
        return
    article = await articles.receive(context.session, context.person, ticket, content, office=context.office)
    # the parts of an album are one article and one acknowledgement
    await outbox.put(
        context.session,
        context.chat_id,
        "sendMessage",
        _noted(context, ticket),
        dedupe_key=f"noted-{article.id}",
        about=outbox.Subject(ticket_id=ticket.id),
    )


def _noted(context: Context, ticket: Ticket) -> dict[str, object]:
    text = context.t("Noted in #%(number)s", number=ticket.number)
    if ticket.state in CLOSED:
        text += ". " + context.t("The ticket is closed: if something is still wrong, open a new one.")
    return telegram.message(telegram.plain(text), silent=True)


async def explain_kind(context: Context) -> None:
    """A kind of message the desk has no use for is answered, not dropped."""
    await context.say_text(
        context.t("We cannot attach this kind of message. Send it as text, photo, document, voice message or video.")
    )


async def edited(context: Context) -> None:
    """A correction in Telegram does not change what the technician has read."""
    await context.say_text(
        context.t(
            "We saw that you corrected a message, but what we have stays as it was. Please write it again.",
        )
    )


def _content(context: Context) -> Content:
    content = incoming.read(context.message) if context.message else None
    assert content is not None, "dispatch explains messages without content"
    return content
