"""Statements asked for in the chat are drawn once, and only for who may see the account when they are sent."""

import asyncio
import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from core.actions import bindings, statements
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.statements import StatementDrawer
from core.messaging.store import FileStore
from core.models import Binding, Company, DeliveryState, OutboxRow, Person, StatementOrder
from core.queries import statement
from core.render.office import Office
from core.rules.closures import Closure
from core.rules.periods import month_of
from core.rules.permissions import Role
from core.rules.statements import StatementForm
from tests import databases
from tests.admin.desk import Desk
from tests.money.accounts import Accounts
from tests.render.test_logos import picture


@pytest.fixture
def office() -> Office:
    return Office(name="SACI Soporte", translators=Translators(default="es", timezone="America/Guayaquil"))


@pytest.fixture
async def ada(database: Database, office: Office) -> Accounts:
    found = await Accounts.opened(Desk(database, office))
    await found.close(Closure.INVOICED, 20)
    return found


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def drawer(database: Database, office: Office, store: FileStore) -> StatementDrawer:
    return StatementDrawer(database, store, office, read=statement.read)


async def asks(ada: Accounts, form: StatementForm = StatementForm.PDF) -> None:
    async with ada.desk.database.write() as session:
        person = await session.get_one(Person, ada.person.id)
        company = await session.get_one(Company, ada.company.id)
        span = month_of(now(), ada.desk.office.t.timezone)
        await statements.order(session, person, company, span=span, form=form)


async def logs_out(ada: Accounts) -> None:
    async with ada.desk.database.write() as session:
        person = await session.get_one(Person, ada.person.id)
        await bindings.log_out(session, person, (await session.scalars(select(Binding))).one())


async def documents(ada: Accounts) -> list[OutboxRow]:
    return [row for row in await ada.desk.all_of(OutboxRow) if "estado-de-cuenta" in str(row.payload)]


async def test_two_taps_are_one_document(ada, drawer):
    await asks(ada)
    await asks(ada)
    assert await drawer.draw_pending() == 1
    assert await drawer.draw_pending() == 0
    (row,) = await documents(ada)
    (order,) = await ada.desk.all_of(StatementOrder)
    assert row.payload["document"]["sha256"] == order.sha256
    await asks(ada)
    assert await drawer.draw_pending() == 1, "asked for again, it is drawn again: there may be more in it"


async def test_it_is_drawn_under_the_name_and_logo_of_the_moment(ada, drawer, store):
    root = await ada.desk.employ("root", Role.ADMINISTRATOR)
    await ada.desk.calls_itself("Mesa Ñandú", by=root, logo=(await store.put(picture())).sha256)
    await asks(ada)
    await drawer.draw_pending()
    (order,) = await ada.desk.all_of(StatementOrder)
    page = PdfReader(io.BytesIO(await store.read(order.sha256))).pages[0]
    assert "Mesa Ñandú" in page.extract_text()
    assert len(page.images) == 1


async def test_who_logged_out_before_it_was_drawn_gets_nothing(ada, drawer):
    await asks(ada)
    await logs_out(ada)
    await drawer.draw_pending()
    assert await documents(ada) == []
    assert await drawer.draw_pending() == 0


async def test_a_document_that_waits_is_cancelled_with_the_log_out(ada, drawer):
    await asks(ada, StatementForm.CSV)
    await drawer.draw_pending()
    await logs_out(ada)
    (row,) = await documents(ada)
    assert row.state is DeliveryState.CANCELLED


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_who_is_just_logging_out_gets_no_document(ada, drawer):
    await asks(ada)
    async with ada.desk.database.write() as session:
        person = await session.get_one(Person, ada.person.id)
        await bindings.log_out(session, person, (await session.scalars(select(Binding))).one())
        drawing = asyncio.ensure_future(drawer.draw_pending())
        await databases.waits_for_lock(ada.desk.database, 1)
    await drawing
    assert await documents(ada) == []
