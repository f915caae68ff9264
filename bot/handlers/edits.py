"""What a customer corrects in Telegram: a new version of an article, or a better draft."""

from datetime import timedelta

from sqlalchemy import exists, select

from bot import buttons, screens
from bot.context import Context, deletion_key
from core.actions import articles, drafts, sources, versions
from core.actions.content import Content
from core.messaging import outbox
from core.models import CustomerMessage, Draft, DraftState, OutboxRow, Ticket
from core.queries import tickets
from core.render import telegram
from core.rules.identity import read_ruc
from core.rules.intake import SECRET_STEPS, Step
from core.rules.states import CLOSED

CLOCKS_DIFFER = timedelta(minutes=1)  # Telegram's and ours


async def is_first_seen(context: Context) -> bool:
    """Whether the edit has overtaken its original: then it is the message, and the original comes as a version."""
    message = context.message
    if message is None or message.location is not None or buttons.is_order(message.text or ""):
        return False
    if await _is_secret(context):
        return False
    if context.binding is None:
        return read_ruc(message.text or "") is not None and context.conversation.step is Step.RUC
    newest = context.conversation.last_message
    if newest is not None and message.message_id <= newest:
        return False
    return await sources.known(context.session, context.chat_id, message.message_id) is None


async def edited(context: Context) -> None:
    """An edit of a message that has been worked off."""
    message = context.message
    content = context.content
    if message is None or content is None or message.location is not None:
        return  # a live location comes as an edit every few seconds
    known = await sources.known(context.session, context.chat_id, message.message_id)
    if known is None:
        await _unknown(context, content)
    elif known.article_id is not None:
        await _of_article(context, known, content)
    elif known.draft_id is not None:
        await _of_draft(context, known, content)
    elif known.album_id is not None:
        await versions.correct_part(context.session, known, content)
    elif not versions.says_the_same(known, content):
        await _say_it_is_nowhere(context, content)


async def again(context: Context, known: CustomerMessage, content: Content) -> None:
    """A message that was taken before: repeated, or as it was before an edit that has overtaken it. No answer."""
    if known.article_id is not None:
        article = await articles.by_id(context.session, known.article_id)
        await versions.correct(context.session, article, known, content, office=context.office)


async def _of_article(context: Context, known: CustomerMessage, content: Content) -> None:
    assert known.article_id is not None
    article = await articles.by_id(context.session, known.article_id)
    ticket = await tickets.of_person(context.session, context.person, article.ticket_id)
    if ticket is None:
        await _say_once(context, content, context.t("This message belongs to a ticket you do not see from here."))
    elif await versions.correct(context.session, article, known, content, office=context.office):
        await _acknowledge(context, content, ticket)


async def _of_draft(context: Context, known: CustomerMessage, content: Content) -> None:
    draft = await context.session.get_one(Draft, known.draft_id, with_for_update=True)
    if draft.state not in {DraftState.WRITING, DraftState.LOOSE}:
        await _say_it_is_nowhere(context, content)
    elif await drafts.correct(context.session, draft, known, content):
        await screens.show_again(context, draft)


async def _unknown(context: Context, content: Content) -> None:
    """No words of a ticket: a secret, a command, a number, or something from before the desk knew this person."""
    if await _is_secret(context) or context.conversation.step is Step.RUC:
        await context.delete(content.message_id)
        await _say_once(
            context, content, context.t("Please write it as a new message: we do not read corrections here.")
        )
    elif context.binding is not None and content.said_at < context.person.created_at - CLOCKS_DIFFER:
        loose = await drafts.keep_loose(context.session, context.person, content)
        loose.company_id = context.bound.company_id
        await screens.ask_where(context, loose, repost=True)
    elif not buttons.is_order(content.text):
        await _say_it_is_nowhere(context, content)


async def _is_secret(context: Context) -> bool:
    """Whether the message is, or may be, a password: one was awaited, or it was taken away as one."""
    if context.conversation.step in SECRET_STEPS:
        return True
    assert context.message is not None
    key = deletion_key(context.chat_id, context.message.message_id)
    return bool(await context.session.scalar(select(exists().where(OutboxRow.dedupe_key == key))))


async def _acknowledge(context: Context, content: Content, ticket: Ticket) -> None:
    """One silent line for a message, however often it is corrected."""
    text, key, rows = context.t("Corrected in #%(number)s", number=ticket.number), "edited", None
    if ticket.state in CLOSED:
        text += ". " + context.t("The ticket is closed: what shall we do?")
        key, rows = "edited-closed", articles.after_closing(context.t, ticket)
    await _say_once(context, content, text, key=key, ticket_id=ticket.id, rows=rows)


async def _say_it_is_nowhere(context: Context, content: Content) -> None:
    text = context.t("What you corrected is in no ticket. If it is for us, write it as a new message.")
    await _say_once(context, content, text)


async def _say_once(
    context: Context,
    content: Content,
    text: str,
    *,
    key: str = "edited",
    ticket_id: int | None = None,
    rows: telegram.Rows | None = None,
) -> None:
    outbox.post(
        context.session,
        context.chat_id,
        "sendMessage",
        telegram.message(telegram.plain(text), rows, silent=True),
        dedupe_key=f"{key}-{content.chat_id}-{content.message_id}",
        about=outbox.Subject(ticket_id=ticket_id),
    )
