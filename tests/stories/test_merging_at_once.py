"""What a customer sends in the very moment in which a ticket becomes part of another lands where that goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from benchmarks.desk import OFFICE
from core.actions import albums, merging
from core.actions.content import Content, IncomingFile
from core.clock import now
from core.db import Database
from core.models import Album, FileKind, Person, Technician
from core.queries.tickets import beside
from tests import databases
from tests.admin.desk import Desk
from tests.desk import Customer, LiveDesk, Said, Staff
from tests.stories.test_merging import texts

ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time


@dataclass
class Merging:
    """Two tickets of Ada's, and Tom's question in the one that is to go."""

    live: LiveDesk
    kept: int
    gone: int
    push: Said

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Done, and committed at the end."""
        async with self.live.database.write() as session:
            tom = await session.scalar(select(Technician).where(Technician.username == "tom"))
            assert tom is not None
            ticket = await beside(session, self.gone, self.kept)
            await merging.merge(session, tom, ticket, into=self.kept, office=self.live.office)
            yield

    async def meets(self, doing: asyncio.Future[object]) -> None:
        async with self.under_way():
            await databases.ends_or_waits(self.live.database, doing)
        await doing


@pytest.fixture
async def two(live: LiveDesk, ada: Customer, tom: Staff) -> Merging:
    kept, gone = await live.has_tickets(ada, ["No imprime facturas", "Impresora de facturas muerta"])
    await tom.replies(gone, "¿Qué impresora es?")
    return Merging(live, kept, gone, await ada.finds("¿Qué impresora es?"))


async def test_an_album_that_is_arriving_goes_along(database: Database):
    desk = Desk(database, OFFICE)
    tom, company = await desk.employ("tom"), await desk.registers()
    ada = await desk.greets(company, "Ada", 501)
    kept, gone = [await desk.receives(company, ada) for _ in range(2)]
    async with database.write() as session:
        ticket = await beside(session, gone.number, kept.number)
        photo = IncomingFile(FileKind.PHOTO, "f1", "uno.jpg", "image/jpeg", 10, "u1")
        first = Content(chat_id=501, message_id=11, text="Así se ve", media_group="fotos", file=photo)
        await albums.begin(session, await session.get_one(Person, ada.id), first, ticket)
        actor = await session.get_one(Technician, tom.id)
        await merging.merge(session, actor, ticket, into=kept.number, office=OFFICE)
    async with database.write() as session:
        await session.execute(update(Album).values(due_at=now() - timedelta(seconds=1)))
        assert await albums.close_due(session, office=OFFICE) == 1
    assert [len(await desk.articles(one)) for one in (kept, gone)] == [2, 1]
    (_, said) = await desk.articles(kept)
    assert said.text == "Así se ve"


@ON_POSTGRESQL
async def test_a_reply_that_waits_for_the_merging(live: LiveDesk, ada: Customer, two: Merging):
    doing = asyncio.ensure_future(ada.says("Una Epson", reply_to=two.push.id))
    await two.meets(doing)
    assert (await texts(live, two.kept))[1:] == ["Una Epson"]
    assert f"Anotado en #{two.kept}" in (await ada.last()).text


@ON_POSTGRESQL
async def test_words_whose_place_waits_for_the_merging(live: LiveDesk, ada: Customer, two: Merging):
    await ada.says("Ya reinicié y sigue igual")
    doing = asyncio.ensure_future(ada.taps(f"#{two.gone}"))
    await two.meets(doing)
    assert (await texts(live, two.kept))[1:] == ["Ya reinicié y sigue igual"]
    assert f"Anotado en #{two.kept}" in (await ada.finds("Anotado")).text


@ON_POSTGRESQL
async def test_a_draft_of_the_same_trouble_that_waits_for_the_merging(live: LiveDesk, ada: Customer, two: Merging):
    await ada.says("Nuevo ticket")
    await ada.says("Impresora de facturas muerta")
    doing = asyncio.ensure_future(ada.taps(f"Sí, agregar a #{two.gone}"))
    await two.meets(doing)
    assert (await texts(live, two.kept))[1:] == ["Impresora de facturas muerta"]
    assert f"Anotado en #{two.kept}" in (await ada.finds("Anotado")).text


@ON_POSTGRESQL
async def test_thanks_that_wait_for_the_merging(live: LiveDesk, ada: Customer, two: Merging):
    doing = asyncio.ensure_future(ada.says("Gracias", reply_to=two.push.id))
    await two.meets(doing)
    assert (await texts(live, two.kept))[1:] == ["Gracias"]


@ON_POSTGRESQL
async def test_responder_was_tapped_before_the_merging_is_known(live: LiveDesk, ada: Customer, two: Merging):
    async with two.under_way():
        await ada.taps("Responder", on=two.push)
    await ada.says("Del año 2019")
    assert (await texts(live, two.kept))[1:] == ["Del año 2019"]
