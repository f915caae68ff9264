"""Reports are drawn once, whoever draws them, and one that cannot be drawn holds up nobody."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import now
from core.db import Database
from core.i18n import Translator
from core.messaging import outbox
from core.messaging.outbox import Subject
from core.messaging.ready import due
from core.messaging.reports import ReportDrawer, draw_pending, pdf_sha256
from core.messaging.store import FileStore
from core.models import Channel, Company, OutboxRow, Report, Technician, Ticket, TicketClosure
from core.render.report import snapshot_sha256, to_json
from core.rules.closures import Closure
from core.rules.permissions import Role
from core.rules.services import Service
from core.rules.states import State
from core.wake import Topic
from tests.patience import PATIENCE
from tests.render.snapshots import a_closing, words_of

t = Translator()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


async def closes(database: Database, number: int, **changes: Any) -> int:
    """A ticket closed by Tom, with the report's row; returns the report's id."""
    snapshot = to_json(a_closing(number=number)) | changes
    moment = now()
    async with database.write() as session:
        company = await session.scalar(select(Company))
        tom = await session.scalar(select(Technician))
        if company is None or tom is None:
            company = Company(ruc="0190123456001", name="Ferretería", created_at=moment)
            tom = Technician(username="tom", name="Tomás", role=Role.TECHNICIAN, created_at=moment)
            session.add_all([company, tom])
            await session.flush()
        ticket = Ticket(
            number=number,
            company_id=company.id,
            is_verified=True,
            service=Service.SUPPORT,
            product="SaciJava",
            subject="x",
            state=State.INVOICED,
            customer_spoke_last=False,
            created_at=moment,
            reopened_at=moment,
            updated_at=moment,
        )
        session.add(ticket)
        await session.flush()
        closure = TicketClosure(
            ticket_id=ticket.id,
            number=1,
            closure=Closure.INVOICED,
            technician_id=tom.id,
            cause="x",
            solution="x",
            real_minutes=4,
            charged_minutes=15,
            bag_before=0,
            bag_after=15,
            technical_hours=0,
            at=moment,
        )
        session.add(closure)
        await session.flush()
        report = Report(
            closure_id=closure.id,
            file_name=f"informe-{number}.pdf",
            snapshot=snapshot,
            snapshot_sha256=snapshot_sha256(snapshot),
            created_at=moment,
        )
        session.add(report)
        await session.flush()
        await outbox.put(
            session, "ada@x.example", "sendMail", {}, channel=Channel.EMAIL, about=Subject(report_id=report.id)
        )
        return report.id


async def report_of(database: Database, report_id: int) -> Report:
    async with database.read() as session:
        return await session.get_one(Report, report_id)


async def released(database: Database) -> list[int | None]:
    """The reports whose mails the sender would send now."""
    async with database.read() as session:
        rows = await due(session, now=now(), channels=[Channel.EMAIL], limit=9)
        return [(await session.get_one(OutboxRow, row.id)).report_id for row in rows]


async def test_a_report_is_drawn_stored_and_releases_its_mail(database: Database, store: FileStore) -> None:
    report_id = await closes(database, 1042)
    assert await released(database) == []
    assert await draw_pending(database, store, t) == 1
    report = await report_of(database, report_id)
    assert report.pdf_sha256 is not None
    pdf = await store.read(report.pdf_sha256)
    assert hashlib.sha256(pdf).hexdigest() == report.pdf_sha256 == await pdf_sha256(database, report_id)
    assert report.pdf_size == len(pdf)
    assert "#1042" in words_of(pdf)
    assert report.snapshot_sha256 in words_of(pdf)
    assert await released(database) == [report_id]
    assert await draw_pending(database, store, t) == 0


async def test_a_report_not_drawn_has_no_hash(database: Database) -> None:
    report_id = await closes(database, 1042)
    with pytest.raises(LookupError):
        await pdf_sha256(database, report_id)


async def test_two_processes_draw_one_report(database: Database, store: FileStore, tmp_path: Path) -> None:
    """Each with a translator of its own: the bytes differ, and the first ones stored stay."""
    report_id = await closes(database, 1042)
    counts = await asyncio.gather(
        draw_pending(database, store, t), draw_pending(database, store, Translator("en", "Pacific/Galapagos"))
    )
    assert sum(counts) == 1
    report = await report_of(database, report_id)
    assert len(await store.read(report.pdf_sha256 or "")) == report.pdf_size


@pytest.mark.parametrize(
    "spoilt_part",
    [{"desk": None}, {"opened_at": "ayer"}, {"unknown": 1}],
    ids=["a part missing", "no date", "a field of the future"],
)
async def test_a_snapshot_that_is_none_holds_up_no_other(
    database: Database, store: FileStore, spoilt_part: dict[str, Any]
) -> None:
    spoilt = await closes(database, 1, **spoilt_part)
    good = await closes(database, 2)
    drawer = ReportDrawer(database, store, t)
    assert await drawer.draw_pending() == 1
    assert (await report_of(database, spoilt)).pdf_sha256 is None
    assert (await report_of(database, good)).pdf_sha256 is not None


async def test_many_undrawable_reports_do_not_fill_every_look(database: Database, store: FileStore) -> None:
    for number in range(1, 53):
        await closes(database, number, desk=None)
    good = await closes(database, 100)
    drawer = ReportDrawer(database, store, t)
    await drawer.draw_pending()
    await drawer.draw_pending()
    assert (await report_of(database, good)).pdf_sha256 is not None


async def test_the_loop_draws_what_comes_and_stops(database: Database, store: FileStore) -> None:
    async with running(ReportDrawer(database, store, t)):
        report_id = await closes(database, 1042)
        async with asyncio.timeout(PATIENCE):
            while not (await report_of(database, report_id)).pdf_sha256:
                await database.wake.wait(Topic.OUTBOX, seconds=0.2)


@asynccontextmanager
async def running(drawer: ReportDrawer) -> AsyncIterator[None]:
    task = asyncio.create_task(drawer.run())
    yield
    drawer.stop()
    async with asyncio.timeout(PATIENCE):
        await task


async def test_a_report_the_disk_did_not_take_is_not_given_up(database: Database, tmp_path: Path) -> None:
    report_id = await closes(database, 1042)
    folder = tmp_path / "files"
    folder.write_text("not a folder")
    drawer = ReportDrawer(database, FileStore(folder), t)
    with pytest.raises(OSError):
        await drawer.draw_pending()
    assert (await report_of(database, report_id)).pdf_sha256 is None
    folder.unlink()
    assert await drawer.draw_pending() == 1
