"""A wrong answer is taken back: out of every chat it reached, and out of everything a customer may see."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, or_, select

from core.actions import audit, indexing, requests
from core.actions.authorize import authorize
from core.actions.events import touch
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, NotFoundError
from core.i18n import N_
from core.messaging import outbox
from core.models import (
    FOR_CUSTOMERS,
    Article,
    ArticleKind,
    Channel,
    DeliveryState,
    EventKind,
    OutboxRow,
    Technician,
    Ticket,
    TicketEvent,
)
from core.queries.thread import Said
from core.rules.permissions import Permission
from core.rules.retraction import RetractFacts, RetractRefusal, retract_refusal
from core.rules.states import State

WORDS: Mapping[RetractRefusal, str] = {
    RetractRefusal.NOT_OF_DESK: N_("Only what the desk has written can be retracted."),
    RetractRefusal.NEVER_SENT: N_("An internal note was never sent: there is nothing to retract."),
    RetractRefusal.IS_FIRST: N_("The message that opened the ticket cannot be retracted."),
    RetractRefusal.IS_RETRACTED: N_("The message is retracted already."),
    RetractRefusal.TOO_LATE: N_("A message can be retracted within 48 hours; Telegram no longer deletes it."),
}


async def retract(session: WriteSession, actor: Technician, ticket: Ticket, *, position: int) -> Article:
    """Take back the article at that position. Raises ConflictError, NotFoundError, ForbiddenError."""
    authorize(actor, Permission.RETRACT)
    article = await _article(session, ticket, position)
    refusal = retract_refusal(facts(article), now())
    if refusal is not None:
        raise ConflictError(WORDS[refusal], reasons=[refusal])
    article.retracted_at, article.retracted_by_id = now(), actor.id
    if ticket.request_id == article.id:
        await requests.end(session, ticket)
    await session.flush()
    for row in await _rows(session, article):
        await _take_back(session, row)
    ticket.customer_spoke_last = await _customer_spoke_last(session, ticket)
    touch(ticket)
    indexing.renew(session, ticket.id)
    audit.record(session, actor, "article.retracted", on=f"ticket {ticket.number}", article=article.position)
    return article


def facts(article: Article | Said) -> RetractFacts:
    return RetractFacts(
        by_technician=article.technician_id is not None,
        is_note=article.kind is ArticleKind.NOTE,
        position=article.position,
        is_retracted=article.retracted_at is not None,
        written_at=article.created_at,
    )


async def _article(session: WriteSession, ticket: Ticket, position: int) -> Article:
    query = select(Article).where(Article.ticket_id == ticket.id, Article.position == position)
    article = await session.scalar(query.with_for_update(key_share=True))
    if article is None:
        raise NotFoundError
    return article


async def _rows(session: WriteSession, article: Article) -> Sequence[OutboxRow]:
    """Everything that brought the article to somebody: pushes, reminders, mails, calls of other programs."""
    await outbox.write_posted(session)
    pushes = select(OutboxRow.carried_by_id).where(OutboxRow.article_id == article.id)
    query = select(OutboxRow).where(
        or_(OutboxRow.article_id == article.id, (OutboxRow.channel == Channel.EMAIL) & OutboxRow.id.in_(pushes)),
        OutboxRow.method.not_in(outbox.REPEATABLE),
    )
    locked = query.order_by(OutboxRow.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def _take_back(session: WriteSession, row: OutboxRow) -> None:
    """A message goes from its chat; what waits never goes. What was mailed or told to a program stays there."""
    # one that a log-out has cancelled may be on its way to the chat
    if row.channel is Channel.TELEGRAM and (outbox.has_message(row) or row.state is DeliveryState.CANCELLED):
        await outbox.retract(session, row.id)
    elif row.state is not DeliveryState.SENT:
        # a mail under way may arrive; if that try fails, there is no other
        row.state = DeliveryState.CANCELLED


async def _customer_spoke_last(session: WriteSession, ticket: Ticket) -> bool:
    """Without the answer, the customer may be waiting again."""
    last = select(Article.kind).where(Article.ticket_id == ticket.id, FOR_CUSTOMERS, ~Article.is_courtesy)
    if ticket.state is State.PENDING:
        left = select(func.max(TicketEvent.at)).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.kind == EventKind.PENDING
        )
        last = last.where(Article.created_at > left.scalar_subquery())
    return await session.scalar(last.order_by(Article.position.desc()).limit(1)) is ArticleKind.CUSTOMER
