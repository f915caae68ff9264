"""A new ticket, step by step or in any order, on one card."""

from bot import screens
from bot.context import Context
from bot.handlers import too_big
from core.actions import conversations, drafts
from core.clock import now
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.messaging import outbox
from core.models import Draft, DraftState, Ticket
from core.queries import hours, policy, texts, tickets
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.hours import holiday_words, opening_words, week_words
from core.render.words import STATE_WORDS
from core.rules.intake import Field, Step, missing, suggested_subject
from core.rules.limits import SUBJECT_LIMIT
from core.rules.services import Service
from core.rules.texts import Text

GONE = N_("This draft is not open any more.")


async def new(context: Context) -> None:
    """Start a ticket, or go on with the one that was begun."""
    begun = await drafts.open_of(context.session, context.chat_id)
    draft = begun or await drafts.start(context.session, context.person)
    notice = context.t("You had begun this ticket; here it is.") if begun else ""
    await screens.show_card(context, draft, repost=True, notice=notice)


async def words(context: Context) -> None:
    """Text, photo, document, voice, video: everything that arrives while a ticket is being written."""
    draft = await drafts.open_of(context.session, context.chat_id)
    content = context.content
    if draft is None or content is None:
        await screens.show_menu(context)
        return
    whole, content = content, too_big.takeable(context, content)
    if whole.file is not None and whole.media_group is None and too_big.is_empty(content):
        await screens.show_card(context, draft, repost=True, notice=too_big.reason(context, whole.file.name))
        return
    changing = context.conversation.data.get("changing")
    had_subject = bool(draft.subject)
    placed = await drafts.take_in(
        context.session, draft, content, changing=Field(changing) if changing in {"subject", "text"} else None
    )
    await too_big.explain(context, whole)
    notice = ""
    if placed is Field.TEXT and content.text and (not had_subject or changing == "subject"):
        notice = context.t("That is longer than %(n)s characters: we took it as the text.", n=SUBJECT_LIMIT)
    still = Field.SUBJECT if changing == "subject" and placed is Field.TEXT else None
    # files do not push the card away: an album would bring ten of them
    await screens.show_card(context, draft, repost=whole.file is None, changing=still, notice=notice)


async def tapped_draft(context: Context, *states: DraftState) -> Draft | None:
    """The draft a tap is about, in one of the states (being written, unless said); else the tap is told why not."""
    assert context.tapped is not None
    number = context.tapped.arguments[0] if context.tapped.arguments else ""
    draft = await context.session.get(Draft, int(number), with_for_update=True) if number.isdigit() else None
    if draft is None or draft.chat_id != context.chat_id:
        await context.answer_tap(context.t(GONE), alert=True)
        return None
    if draft.state not in (states or (DraftState.WRITING,)):
        await context.answer_tap(await _what_became(context, draft), alert=True)
        return None
    return draft


async def _what_became(context: Context, draft: Draft) -> str:
    ticket = await context.session.get(Ticket, draft.ticket_id) if draft.ticket_id else None
    if ticket is None:
        return context.t(GONE)
    return context.t("It has been sent already: it is ticket #%(number)s.", number=ticket.number)


async def choose(context: Context) -> None:
    draft = await tapped_draft(context)
    if draft is None or context.tapped is None:
        return
    _, field, value = context.tapped.arguments
    try:
        if field == Field.SERVICE:
            await drafts.choose_service(context.session, draft, Service(value))
        elif draft.service is not None:
            # by its id, so that a button from before a change of the products means no other one
            products = await policy.offered(context.session, draft.service)
            labels = {f"p{product.id}": product.label for product in products}
            await drafts.choose_product(context.session, draft, labels.get(value, ""))
    except InvalidError as error:
        await context.answer_tap(context.t(error.message, **error.values), alert=True)
    await screens.show_card(context, draft, repost=False)


async def change(context: Context) -> None:
    """One of the buttons of the finished card: give that field again."""
    draft = await tapped_draft(context)
    if draft is not None and context.tapped is not None:
        await screens.show_card(context, draft, repost=False, changing=Field(context.tapped.arguments[1]))


async def back(context: Context) -> None:
    """To the field before the one that is asked; where nothing is missing, to the whole card."""
    draft = await tapped_draft(context)
    if draft is None or context.tapped is None:
        return
    fields = list(Field)
    before = fields[max(0, fields.index(Field(context.tapped.arguments[1])) - 1)]
    is_whole = not missing(await drafts.facts(context.session, draft))
    await screens.show_card(context, draft, repost=False, changing=None if is_whole else before)


async def settle(context: Context) -> None:
    """No attachments, or no more of them."""
    draft = await tapped_draft(context)
    if draft is not None:
        draft.files_settled = True
        known = await drafts.facts(context.session, draft)
        needs_file = known.needs_file and not known.files
        await screens.show_card(
            context, draft, repost=False, notice=context.t(drafts.FILE_NEEDED) if needs_file else ""
        )


async def suggest(context: Context) -> None:
    """The beginning of the text as the subject."""
    draft = await tapped_draft(context)
    if draft is not None:
        await drafts.set_subject(context.session, draft, suggested_subject(draft.text))
        await screens.show_card(context, draft, repost=False)


async def drop_file(context: Context) -> None:
    draft = await tapped_draft(context)
    if draft is not None and context.tapped is not None:
        await drafts.drop_file(context.session, draft, int(context.tapped.arguments[1]))
        await screens.show_card(context, draft, repost=False, changing=Field.FILES)


async def send(context: Context) -> None:
    """Exactly one ticket, however often the button is pressed."""
    draft = await tapped_draft(context)
    if draft is None:
        return
    try:
        ticket = await drafts.send(context.session, context.person, context.bound, draft, office=context.office)
    except (ConflictError, InvalidError) as error:
        text = context.t(error.message, **error.values)
        await context.answer_tap(text, alert=True)
        await screens.show_card(context, draft, repost=False, notice=text, offer=_proof(context, error))
        return
    conversations.go(context.conversation, Step.MENU)
    if draft.card_id is not None:
        await outbox.retract(context.session, draft.card_id)
    html = telegram.page(
        "sent",
        context.t,
        ticket=ticket,
        state=STATE_WORDS[ticket.state],
        ahead=await tickets.ahead_of(context.session, ticket),
        **await _hours(context),
    )
    see = Button(context.t("See ticket"), data(Tap.TICKET, ticket.number))
    await context.say(telegram.message(html, [[see]]), ticket_id=ticket.id)


async def _hours(context: Context) -> dict[str, str]:
    """When somebody is at the desk, and why nobody is right now."""
    calendar = await hours.calendar(context.session, context.office.t.timezone)
    t, moment = context.t, now()
    words = (holiday_words(calendar, t, at=moment), opening_words(calendar, t, at=moment))
    closed = "" if calendar.is_open(moment) else "; ".join(filter(None, words))
    week = week_words(calendar, t, at=moment)
    return {
        "hours": await texts.said(context.session, Text.HOURS, t, hours=week),
        "farewell": await texts.said(context.session, Text.SENT, t),
        "closed": closed,
    }


def _proof(context: Context, refusal: ConflictError | InvalidError) -> Button | None:
    """The way to be verified, where only that is in the way."""
    if context.bound.is_verified or not isinstance(refusal, ConflictError):
        return None
    return Button(context.t("Verify this phone"), data(Tap.PROVE))
