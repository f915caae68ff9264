"""The index is there for what was written before it, and follows every change."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core import migrations
from core.actions import company_record, indexing, staff
from core.clock import now
from core.db import Database, WriteSession
from core.models import Article, ArticleKind, Company, Ticket, TicketWords
from core.queries import search
from core.rules.permissions import Role
from tests import databases
from tests.backup import rows
from tests.search import corpus
from tests.search.corpus import FIRST, numbers


async def words(database: Database) -> dict[int, str]:
    async with database.read() as session:
        return {row.number: row.words for row in await session.scalars(select(TicketWords))}


async def test_what_was_there_before_is_found_as_if_it_were_new(backend: str, tmp_path: Path):
    url = await databases.blank_url(backend, tmp_path)
    database = Database(url)
    await migrations.upgrade(database, migrations.revisions()[migrations.revisions().index("0018") - 1])
    await rows.fill(database)
    await migrations.upgrade(database)

    filled = await words(database)
    assert len(filled) == rows.ROWS
    async with database.write() as session:
        for ticket in await session.scalars(select(Ticket)):
            indexing.renew(session, ticket.id)
    assert await words(database) == filled
    assert await numbers(database, "1subject", search.STAFF) == [1]
    await database.close()
    await databases.drop(url)


async def test_an_article_that_says_something_else_is_found_by_that(database: Database):
    await corpus.settle(database, 2)
    await corpus.say(database, ["impresora", "teclado"], ["", ""])
    await corpus.say(database, ["pantalla", "teclado"], ["", ""])
    assert await numbers(database, "impresora", search.STAFF) == []
    assert await numbers(database, "pantalla", search.STAFF) == [FIRST]
    assert await numbers(database, "teclado", search.STAFF) == [FIRST + 1]


async def test_a_new_article_adds_its_words_to_those_of_the_ticket(database: Database):
    await corpus.settle(database, 2)
    await corpus.say(database, ["impresora", "teclado"], ["", ""])
    async with database.write() as session:
        for ticket in await session.scalars(select(Ticket)):
            said = "El ratón no anda" if ticket.number == FIRST else "Un cable"
            article = Article(ticket_id=ticket.id, position=3, kind=ArticleKind.NOTE, text=said, created_at=now())
            session.add(article)
            indexing.add(session, article)
    grown = await words(database)
    assert await numbers(database, "impresora raton", search.STAFF) == [FIRST]
    assert await numbers(database, "teclado cable", search.STAFF) == [FIRST + 1]
    async with database.write() as session:
        for ticket in await session.scalars(select(Ticket)):
            indexing.renew(session, ticket.id)
    anew = await words(database)
    assert {number: set(text.split()) for number, text in anew.items()} == {
        number: set(text.split()) for number, text in grown.items()
    }


async def test_more_words_than_an_index_takes_lose_no_article(database: Database):
    await corpus.settle(database, 1)
    endless = " ".join(f"palabra{index:032x}" for index in range(27_000))
    await corpus.say(database, [endless], [""])
    async with database.read() as session:
        assert await session.scalar(select(Article.text).where(Article.position == 1)) == endless
    assert await numbers(database, "palabra00000000", search.STAFF) == [FIRST]


async def test_pages_show_every_ticket_once_in_both_directions(database: Database):
    await corpus.settle(database, 7)
    await corpus.say(database, ["impresora"] * 7, [""] * 7)
    forward, place = [], {}
    async with database.read() as session:
        asked = corpus.asking.read("impresora", now=corpus.now().astimezone(corpus.ZONE))
        how = {"eyes": search.STAFF, "zone": corpus.ZONE, "size": 3}
        while True:
            found = await search.find(session, search.TICKETS, asked, **how, **place)
            forward += [ticket.number for ticket in found.tickets]
            if not found.older:
                break
            place = {"before": found.older}
        assert forward == list(range(FIRST + 6, FIRST - 1, -1))
        back = await search.find(session, search.TICKETS, asked, **how, after=found.newer)
        assert [ticket.number for ticket in back.tickets] == [FIRST + 3, FIRST + 2, FIRST + 1]
        first = await search.find(session, search.TICKETS, asked, **how, after=back.newer)
        assert [ticket.number for ticket in first.tickets] == [FIRST + 6, FIRST + 5, FIRST + 4]
        assert not first.newer


async def write_a_note(session: WriteSession) -> None:
    ticket = (await session.scalars(select(Ticket))).one()
    article = Article(ticket_id=ticket.id, position=3, kind=ArticleKind.NOTE, text="zarzamora", created_at=now())
    session.add(article)
    indexing.add(session, article)


async def rename(session: WriteSession) -> None:
    vera = await staff.add_technician(session, username="vera", name="Vera", role=Role.SUPERVISOR)
    known = select(Company).options(selectinload(Company.emails), selectinload(Company.phones))
    company = (await session.scalars(known)).one()
    await company_record.change(
        session, vera, company, name="Bodega Chimborazo", emails=[], phones=[], seen=company_record.written(company)
    )


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
@pytest.mark.parametrize(("first", "second"), [(write_a_note, rename), (rename, write_a_note)])
async def test_a_new_article_and_another_name_of_the_company_are_both_found(database: Database, first, second):
    await corpus.settle(database, 1)
    beside: list[asyncio.Future[None]] = []

    async def in_its_own() -> None:
        async with database.write() as session:
            await second(session)

    async def begin_the_second(_session: WriteSession) -> None:
        beside.append(asyncio.ensure_future(in_its_own()))
        await databases.ends_or_waits(database, beside[0])

    async with database.write() as session:
        await first(session)
        session.at_end(begin_the_second)  # all is written, and nothing committed
    await beside[0]
    assert await numbers(database, "zarzamora chimborazo", search.STAFF) == [FIRST]
