"""A ticket was opened: who is told, by whom it was and for whom."""

from collections.abc import Sequence

from core.actions import alerts
from core.actions.notify import News, follow_up, put, with_documents
from core.actions.readers import readers
from core.db import WriteSession
from core.models import Article, Attachment, Person, Ticket
from core.render import telegram
from core.render.office import Office
from core.render.opened import opened_by_desk
from core.render.words import STATE_WORDS
from core.rules.notices import Notice


async def tell_by_person(session: WriteSession, ticket: Ticket, author: Person, *, office: Office) -> None:
    """A colleague opened a ticket for the company."""
    news = News(ticket, Notice.TICKET_OPENED, "opened")
    alerts.note_opened(session, ticket, office=office)
    for reader in await readers(session, ticket, news.notice, author=author, office=office):
        html = telegram.page("ticket_opened", reader.t, ticket=ticket, author=author, state=STATE_WORDS[ticket.state])
        await put(session, reader, news, [telegram.message(html, follow_up(reader, ticket))])


async def tell_by_desk(
    session: WriteSession,
    ticket: Ticket,
    article: Article,
    person: Person | None,
    *,
    office: Office,
    files: Sequence[Attachment] = (),
) -> None:
    """The desk opened a ticket, on behalf of ``person`` if any: nobody has read its words and files yet."""
    news = News(ticket, Notice.OPENED_BY_DESK, "opened", article)
    alerts.note_opened(session, ticket, office=office)
    for reader in await readers(session, ticket, news.notice, author=None, office=office):
        payloads = telegram.long_message(
            "opened_by_desk",
            reader.t,
            text=article.text,
            rows=follow_up(reader, ticket),
            ticket=ticket,
            opened=opened_by_desk(
                reader.t,
                office.name,
                name=person.name if person else "",
                is_yours=person is not None and reader.person.id == person.id,
            ),
            state=STATE_WORDS[ticket.state],
        )
        await put(session, reader, news, with_documents(payloads, files))
