"""Words for a ticket that exists: a reply to a push, Responder, or a message that looks for its ticket."""

from bot import screens, ticket_screen
from bot.context import Context
from bot.handlers import too_big
from core.actions import albums, articles, conversations, drafts
from core.actions.content import Content
from core.messaging import outbox
from core.models import Draft, DraftState
from core.queries import tickets
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.requests import PROMPT_WORDS
from core.rules.intake import Step
from core.rules.requests import Asks


async def to_push(context: Context) -> None:
    await _receive(context, _content(context), context.replies_to or 0)


async def ask_answer(context: Context) -> None:
    """Responder, and what stands in its place under a request: the next message goes to this ticket."""
    ticket = await ticket_screen.of_button(context)
    if ticket is None or context.tapped is None:
        return
    ticket = await ticket_screen.goes_on_in(context, ticket)
    conversations.go(context.conversation, Step.ANSWER, number=ticket.number)
    wanted = context.tapped.arguments[-1]
    text = context.t(PROMPT_WORDS[Asks(wanted) if wanted in set(Asks) else Asks.OTHER], number=ticket.number)
    cancel = Button(context.t("Cancel"), data(Tap.MENU))
    await context.say(telegram.message(telegram.plain(text), [[cancel]]), ticket_id=ticket.id)


async def answer(context: Context) -> None:
    number = int(context.conversation.data.get("number", 0))
    writing = context.drafts.get((context.chat_id, DraftState.WRITING))
    conversations.go(context.conversation, Step.DRAFT if writing else Step.MENU)
    await _receive(context, _content(context), number)


async def out_of_the_blue(context: Context) -> None:
    """Never an error: it is kept and asks where it belongs."""
    content = _content(context)
    taken = too_big.takeable(context, content)
    if not too_big.is_empty(taken) or content.media_group is not None:
        loose = await drafts.keep_loose(context.session, context.person, taken)
        loose.company_id = context.bound.company_id
        await screens.ask_where(context, loose, repost=True)
    await too_big.explain(context, content)


async def place(context: Context) -> None:
    """The customer says which ticket the message belongs to."""
    loose = await _loose(context)
    ticket = await ticket_screen.of_button(context, argument=1, lock=True) if loose else None
    if loose is None or ticket is None:
        return
    ticket = await ticket_screen.goes_on_in(context, ticket, lock=True)
    await drafts.place(context.session, context.person, loose, ticket, office=context.office)
    noted = articles.noted(context.t, ticket)
    if loose.card_id is None or not await outbox.edit(context.session, loose.card_id, noted):
        await context.replace(noted)


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
    taken = too_big.takeable(context, content)
    place = context.tickets.get(number)
    if place is None or not tickets.is_readable(place.ticket, context.bindings):
        await ticket_screen.say_there_is_none(context, number)
        return
    if content.media_group is not None:
        # acknowledged when all its parts are there
        await albums.begin(context.session, context.person, taken, place.ticket)
    elif not too_big.is_empty(taken):
        article = await articles.receive(context.session, context.person, place, taken, office=context.office)
        await articles.acknowledge(context.session, context.person, place.ticket, article, office=context.office)
    await too_big.explain(context, content)


async def explain_kind(context: Context) -> None:
    """A kind of message the desk has no use for is answered, not dropped."""
    await context.say_text(
        context.t("We cannot attach this kind of message. Send it as text, photo, document, voice message or video.")
    )


def _content(context: Context) -> Content:
    content = context.content
    assert content is not None, "dispatch explains messages without content"
    return content
