"""Many chats in one transaction: their articles are written together, and none is counted away."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine

from benchmarks import desk
from bot.worker import Worker
from core.actions import articles, bindings, conversations, people
from core.actions.content import Content
from core.actions.surroundings import look_round
from core.clock import now
from core.db import Database
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import Article, ArticleKind, Binding, Company, CustomerMessage, OutboxRow, Person, Technician, Ticket
from core.queries import tickets
from core.rules.identity import Proof
from core.rules.intake import Step
from core.rules.notices import Follows
from core.rules.permissions import Role
from tests.faults.albums import frame

VAULT = Vault(b"x" * 64)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def customers(database: Database, chats: Sequence[int]) -> None:
    """Each with a company and a ticket, and each has tapped Responder."""
    async with database.write() as session:
        tom = Technician(username="tom", name="Tom", role=Role.TECHNICIAN, created_at=now())
        session.add(tom)
        await session.flush()
        for number, chat in enumerate(chats, 1):
            await desk.customer(session, tom, number, chat)
            conversations.go(conversations.begin(session, chat), Step.ANSWER, number=1000 + number)


async def all_write(database: Database, chats: Sequence[int], *, message: int, text: str = "Palabras de {}") -> None:
    """Each chat one message, and the worker takes them all at once."""
    updates = [
        Incoming(
            chat * 100 + message,
            str(chat),
            json.dumps({"update_id": chat, "message": frame(chat, message) | {"text": text.format(chat)}}).encode(),
        )
        for chat in chats
    ]
    async with database.write() as session:
        await inbox.accept(session, updates, bot_id=1, vault=VAULT, now=now())
    assert await Worker(database, VAULT, desk.OFFICE).work_off() == len(chats)


async def test_articles_of_many_chats_share_their_statements(database: Database):
    chats = range(71, 83)
    await customers(database, chats)
    with statements() as alone:
        await all_write(database, chats[:1], message=1)
    async with database.write() as session:
        for talk in await conversations.at_steps(session, chats, [Step.MENU]):
            conversations.go(talk, Step.ANSWER, number=1001)
    with statements() as together:
        await all_write(database, chats, message=2)
    async with database.read() as session:
        said = await session.scalars(select(Article).where(Article.kind == ArticleKind.CUSTOMER))
        texts = [article.text for article in said]
        sources = (await session.scalars(select(CustomerMessage))).all()
        of_article = {article.id: article.source_chat for article in await session.scalars(select(Article))}
    assert sorted(texts) == sorted([f"Palabras de {chat}" for chat in [71, *chats]])
    assert all(of_article[source.article_id] == source.chat_id for source in sources)
    assert len(sources) == 13
    # the UPDATE of a ticket of one's own, for its version; no INSERT and no SELECT for each
    assert len(together) <= len(alone) + len(chats) - 1
    async with database.read() as session:
        written = (await session.scalars(select(Ticket))).all()
    assert all(ticket.customer_spoke_last and ticket.version > 2 for ticket in written)


async def test_the_words_of_the_desk_are_read_once_for_all(database: Database):
    chats = range(71, 83)
    await customers(database, chats)
    with statements() as alone:
        await all_write(database, chats[:1], message=1, text="/ayuda")
    with statements() as together:
        await all_write(database, chats, message=2, text="/ayuda")
    assert len(together) == len(alone)


async def test_two_who_write_to_one_ticket_at_once_are_both_in_it(database: Database):
    """A colleague of theirs, who follows the company, is told of both."""
    await customers(database, [71])
    async with database.write() as session:
        company = (await session.scalars(select(Company))).one()
        for chat in (72, 73):
            person = (await people.greet(session, [people.TelegramUser(chat, f"Persona {chat}")]))[chat]
            await bindings.bind(session, person, company, Proof.PASSWORD, office=desk.OFFICE)
            conversations.go(conversations.begin(session, chat), Step.ANSWER, number=1001)
        await session.execute(update(Binding).values(follows=Follows.COMPANY))
    await all_write(database, [71, 72], message=1)
    async with database.read() as session:
        ticket = await tickets.by_number(session, 1001)
        said = (await tickets.articles(session, ticket))[-2:]
        pushes = await session.scalars(select(OutboxRow.article_id).where(OutboxRow.lane == "73"))
        assert sorted(pushes) == [article.id for article in said]
    assert [(article.position, article.text) for article in said] == [(3, "Palabras de 71"), (4, "Palabras de 72")]
    assert ticket.articles_count == 4


async def test_what_is_counted_and_not_written_yet_survives_a_lock(database: Database):
    await customers(database, [71])
    async with database.write() as session:
        person = (await session.scalars(select(Person))).one()
        place = (await look_round(session, {1001}, chats={71}))[1001]
        ticket, content = place.ticket, Content(chat_id=71, message_id=5, text="Sigue igual")
        first = await articles.receive(session, person, place, content, office=desk.OFFICE)
        again = await tickets.of_customer(session, person, ticket.number, lock=True)
        assert again is ticket
        second = await articles.add(session, person, ticket, text="Y algo más", content=None)
        assert (first.position, second.position, ticket.articles_count) == (3, 4, 4)
