"""What a customer writes becomes an article, once."""

from sqlalchemy import select

from core.actions import notify
from core.actions.content import Content, attach
from core.actions.events import touch
from core.clock import now
from core.db import ReadSession, WriteSession
from core.models import Article, ArticleKind, Attachment, Person, Ticket
from core.render.office import Office


async def receive(
    session: WriteSession, person: Person, ticket: Ticket, content: Content, *, office: Office
) -> Article:
    """Add what the customer sent. The same message twice is one article; so are the parts of an album."""
    known = await _known(session, ticket, content)
    if known is not None:
        await attach(session, content, article_id=known.id)
        if content.text and content.text not in known.text:
            known.text = f"{known.text}\n{content.text}".strip()
        return known
    article = await add(session, person, ticket, text=content.text, content=content)
    await attach(session, content, article_id=article.id)
    await tell(session, ticket, article, office=office)
    return article


async def add(
    session: WriteSession, person: Person, ticket: Ticket, *, text: str, content: Content | None
) -> Article:
    """A customer's article at the end of the ticket."""
    await session.refresh(ticket, ["articles_count", "version"], with_for_update=True)
    ticket.articles_count += 1
    ticket.customer_spoke_last = True
    touch(ticket)
    article = Article(
        ticket_id=ticket.id,
        position=ticket.articles_count,
        kind=ArticleKind.CUSTOMER,
        person=person,
        technician=None,
        text=text,
        source_chat=content.chat_id if content else None,
        source_message=content.message_id if content else None,
        media_group=content.media_group if content else None,
        created_at=now(),
    )
    session.add(article)
    await session.flush()
    return article


async def tell(session: WriteSession, ticket: Ticket, article: Article, *, office: Office) -> None:
    """Colleagues who follow the company are told, the author is not."""
    files = (await session.scalars(select(Attachment).where(Attachment.article_id == article.id))).all()
    await notify.tell_article(session, ticket, article, office=office, files=files)


async def home_of_album(session: ReadSession, content: Content) -> int | None:
    """The number of the ticket that earlier parts of this album went to."""
    if content.media_group is None:
        return None
    return await session.scalar(
        select(Ticket.number)
        .join(Article, Article.ticket_id == Ticket.id)
        .where(Article.source_chat == content.chat_id, Article.media_group == content.media_group)
        .limit(1)
    )


async def _known(session: WriteSession, ticket: Ticket, content: Content) -> Article | None:
    same_message = (Article.source_chat == content.chat_id) & (Article.source_message == content.message_id)
    found = await session.scalar(select(Article).where(same_message))
    if found is None and content.media_group:
        found = await session.scalar(
            select(Article).where(
                Article.source_chat == content.chat_id,
                Article.media_group == content.media_group,
                Article.ticket_id == ticket.id,
            )
        )
    return found
