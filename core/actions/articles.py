"""What a customer writes becomes an article, once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.actions import answered, happenings, indexing, notify, sources
from core.actions.content import Content, Home, attach
from core.actions.events import touch
from core.actions.surroundings import Surroundings
from core.clock import now
from core.db import ROW, ReadSession, WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.models import Article, ArticleKind, Attachment, Person, Ticket
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office
from core.rules import courtesy
from core.rules.states import CLOSED


async def receive(
    session: WriteSession, person: Person, place: Surroundings, content: Content, *, office: Office
) -> Article:
    """Add what the customer sent as an article of its own; the database refuses the same message twice.

    Mere words are not written at once, but together with those of others.
    """
    ticket = place.ticket
    article = _at_the_end(session, person, ticket, text=content.words, content=content)
    sources.record_new(session, content, article)
    sent: Sequence[Attachment] = ()
    if content.file is not None:
        await session.flush()
        await attach(session, content, Home(article_id=article.id))
        sent = await files(session, article)
    await answered.by_customer(session, ticket, person.telegram_id, among=place.asked)
    await notify.tell_article(session, ticket, article, office=office, files=sent, known=place.bound)
    return article


async def thank(session: WriteSession, person: Person, ticket: Ticket, content: Content) -> None:
    """Courtesy on a closed ticket: kept with it, but it is nobody's turn and nobody is told. The ticket is locked."""
    article = await add(session, person, ticket, text=content.words, content=content, is_courtesy=True)
    await sources.record(session, content, Home(article_id=article.id))


async def append(
    session: WriteSession, article: Article, content: Content, *, office: Office, continues: bool = False
) -> Ticket:
    """A later part joins its article: of an album, of a text the client has cut. Nobody is told a second time."""
    ticket = await reached_again(session, article)
    home = Home(article_id=article.id)
    await attach(session, content, home)
    article.text = await sources.add_words(session, article.text, content, home, continues=continues)
    await notify.retell_article(session, ticket, article, office=office, files=await files(session, article))
    return ticket


async def add(
    session: WriteSession,
    person: Person,
    ticket: Ticket,
    *,
    text: str,
    content: Content | None,
    is_courtesy: bool = False,
) -> Article:
    """A customer's article at the end of the ticket, which is locked or new."""
    article = _at_the_end(session, person, ticket, text=text, content=content, is_courtesy=is_courtesy)
    await session.flush()
    return article


def _at_the_end(
    session: WriteSession,
    person: Person,
    ticket: Ticket,
    *,
    text: str,
    content: Content | None,
    is_courtesy: bool = False,
) -> Article:
    ticket.articles_count += 1
    if not is_courtesy:
        ticket.customer_spoke_last = True
        _go_on(ticket, text, content)
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
        is_courtesy=is_courtesy,
        created_at=now(),
    )
    session.add(article)
    indexing.add(session, article)
    happenings.note_article(session, ticket, article)
    return article


def _go_on(ticket: Ticket, text: str, content: Content | None) -> None:
    """Who writes again asks for the closing no longer; who only says thanks still does."""
    has_file = content is not None and content.file is not None
    if ticket.close_asked_at is not None and (has_file or not courtesy.is_courtesy(text)):
        ticket.close_asked_at = None


async def by_id(session: ReadSession, article_id: int) -> Article:
    """The article with its author loaded."""
    found: Article = (
        await session.scalars(
            select(Article)
            .where(Article.id == article_id)
            .options(joinedload(Article.person), joinedload(Article.technician))
        )
    ).one()
    return found


async def reached_again(session: WriteSession, article: Article) -> Ticket:
    """The article's ticket, locked: the customer has said something more, so it is the desk's turn."""
    ticket = await session.get_one(Ticket, article.ticket_id, with_for_update=ROW, populate_existing=True)
    ticket.customer_spoke_last = True
    touch(ticket)
    indexing.renew(session, ticket.id)
    return ticket


async def files(session: ReadSession, article: Article) -> Sequence[Attachment]:
    return (
        await session.scalars(select(Attachment).where(Attachment.article_id == article.id).order_by(Attachment.id))
    ).all()


async def tell(session: WriteSession, ticket: Ticket, article: Article, *, office: Office) -> None:
    """Colleagues who follow the company are told, the author is not, and is asked no more."""
    assert article.person is not None
    await answered.by_customer(session, ticket, article.person.telegram_id)
    await notify.tell_article(session, ticket, article, office=office, files=await files(session, article))


async def acknowledge(
    session: WriteSession, person: Person, ticket: Ticket, article: Article, *, office: Office
) -> None:
    """One short silent line for an article, whatever it was made of."""
    outbox.post(
        session,
        person.telegram_id,
        "sendMessage",
        noted(office.translators[person.reads], ticket),
        dedupe_key=f"noted-{ticket.number}-{article.position}",
        about=outbox.Subject(ticket_id=ticket.id),
    )


def noted(t: Translator, ticket: Ticket) -> dict[str, Any]:
    """What answers an article; on a closed ticket it asks what is to become of it."""
    if ticket.state not in CLOSED:
        return telegram.message(telegram.plain(noted_in(t, ticket)), silent=True)
    text = f"{noted_in(t, ticket)}. {t('The ticket is closed: what shall we do?')}"
    return telegram.message(telegram.plain(text), after_closing(t, ticket))


def noted_in(t: Translator, ticket: Ticket) -> str:
    return t("Noted in #%(number)s", number=ticket.number)


def after_closing(t: Translator, ticket: Ticket) -> telegram.Rows:
    """The ways a word to a closed ticket may go; ``articles_count`` is its place in the ticket."""
    return [
        [
            Button(t("Reopen"), data(Tap.REOPEN, ticket.number)),
            Button(t("Linked new ticket"), data(Tap.GO_ON, ticket.number, ticket.articles_count)),
        ],
        [Button(t("It was only a comment"), data(Tap.ONLY_COMMENT, ticket.number))],
    ]
