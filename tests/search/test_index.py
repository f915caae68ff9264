"""The index is there for what was written before it, and follows every change."""

from pathlib import Path

from sqlalchemy import select

from core import migrations
from core.actions import indexing
from core.clock import now
from core.db import Database
from core.models import Article, ArticleKind, Ticket, TicketWords
from core.queries import search
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
