"""The drill: a desk is backed up, lives on, is lost, and comes back in another place."""

import asyncio
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, update

from core import jobs, migrations
from core.actions import purchases, second_factor, staff, subscriptions
from core.backup import BackupError
from core.clock import now
from core.db import Database, WriteSession
from core.keys import secret_key
from core.messaging import inbox
from core.messaging.vault import Vault
from core.models import (
    Appointment,
    AppointmentState,
    Article,
    AuditEntry,
    Company,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Person,
    Report,
    StaffChat,
    StaffSession,
    StatementOrder,
    Subscription,
    Technician,
    Ticket,
)
from core.render.office import Office
from core.rules.permissions import Role
from core.rules.statements import StatementForm
from core.rules.states import State
from tests.backup import rows
from tests.backup.conftest import Life, Place, writes
from tests.messaging.wire import ADA, BRUNO, Wire, words

SEALED = {"BACKUP_PASSPHRASE": "doce letras o más"}
CHANGED = {"outbox", "staff_sessions", "setup_links", "audit", "heartbeats"}  # what a restore has to touch


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "desk.tar"


async def test_the_desk_comes_back_as_it_was(life: Life, place: Place, elsewhere: Place, backup: Path):
    before = await rows.contents(life.database)
    made = await place.backs_up(backup)
    assert made.missing == {}
    await life.answers("Escrito después de la copia.")

    restored = await elsewhere.restores(backup)

    database = Database(elsewhere.url)
    after = await rows.contents(database)
    assert {name: len(found) for name, found in after.items()} == {
        name: len(found) + (name in {"audit", "heartbeats"}) for name, found in before.items()
    }
    for name in before.keys() - CHANGED:
        assert after[name] == before[name], name
    async with database.read() as session:
        pdf = await session.scalar(select(Report.pdf_sha256))
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "desk.restored"))
    assert entry.data["held"] == restored.settled.held
    for sha256 in (*life.files, pdf):
        assert hashlib.sha256(await elsewhere.store.read(sha256)).hexdigest() == sha256
    assert restored.files == 3
    assert await migrations.is_current(database)
    await database.close()


async def test_no_old_push_goes_out_of_a_restored_desk(life: Life, place: Place, elsewhere: Place, backup: Path):
    async with life.database.write() as session:
        ids = list(await session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))
        assert len(ids) >= 3
        for row, state in zip(ids, (DeliveryState.SENDING, DeliveryState.PARKED, DeliveryState.SENT), strict=False):
            await session.execute(update(OutboxRow).where(OutboxRow.id == row).values(state=state))
    await place.backs_up(backup)
    restored = await elsewhere.restores(backup)

    database = Database(elsewhere.url)
    with time_machine.travel(now(), tick=True) as clock:
        wire = Wire(database, elsewhere.folder, clock)
        await wire.open()
        new = await wire.put(BRUNO, "Nuevo después de restaurar")
        wire.start()
        await wire.until(new, "sent")
        assert words(await wire.calls()) == ["Nuevo después de restaurar"]
        assert await wire.calls("sendDocument", "sendPhoto", chat=ADA) == []
        await wire.close()
    async with database.read() as session:
        states = dict((await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))).all())
    assert states == {DeliveryState.SENT: 2, DeliveryState.HELD: len(ids) - 1}
    assert restored.settled.held == len(ids) - 1
    await database.close()


async def test_nothing_that_was_due_before_is_done_once_more(
    life: Life, place: Place, elsewhere: Place, backup: Path
):
    """A statement that waited to be drawn, and the reminder of a request that may be answered long ago."""
    async with life.database.write() as session:
        ticket = await session.scalar(select(Ticket))
        assert ticket is not None
        ticket.request_due_at = now()
        person = Person(telegram_id=BRUNO, created_at=now())
        session.add(person)
        await session.flush()
        session.add(
            StatementOrder(
                company_id=ticket.company_id,
                person_id=person.id,
                month="2026-02",
                form=StatementForm.CSV,
                ordered_at=now(),
            )
        )
    await place.backs_up(backup)
    await elsewhere.restores(backup)
    database = Database(elsewhere.url)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).where(StatementOrder.done_at.is_(None))) == 0
        assert await session.scalar(select(func.count()).where(Ticket.request_due_at <= now())) == 0
    await database.close()


async def test_technicians_are_not_reminded_once_more_of_what_was_due_before(
    life: Life, place: Place, elsewhere: Place, backup: Path, office: Office
):
    """The copy is of ten o'clock, Tom was reminded at eleven, the desk comes back at twelve."""
    with time_machine.travel("2026-11-24T15:00:00Z", tick=False) as clock:  # a Tuesday, the desk is open
        begun = now()
        async with life.database.write() as session:
            ticket, later = await is_to_be_reminded(session, begun + timedelta(hours=1), begun + timedelta(hours=3))
            for minutes in (130, 190):
                await agrees_to_a_call(session, ticket, begun + timedelta(minutes=minutes))
        await place.backs_up(backup)
        clock.shift(timedelta(hours=2))
        await elsewhere.restores(backup)
        database = Database(elsewhere.url)
        before = await everything_said(database)

        async def news(**later_: float) -> str:
            clock.shift(timedelta(**later_))
            for make in (jobs.alerts_of, jobs.calls_of):
                await jobs.run(database, elsewhere.settings, make(office))
            return str((await everything_said(database))[len(before) :])

        assert await news(minutes=1) == "[]"
        async with database.read() as session:
            assert (await session.get_one(Ticket, ticket.id)).remind_at == begun + timedelta(hours=1), "still shown"
        async with database.write() as session:  # a call agreed only now is near as well
            await agrees_to_a_call(session, await session.get_one(Ticket, ticket.id), now() + timedelta(minutes=5))
        assert (await news()).count("Llamada acordada") == 1
        said = await news(minutes=59)
        assert said.count("Llamada acordada") == 2
        assert f"Recordatorio #{later.number}" in said
        await database.close()


async def is_to_be_reminded(session: WriteSession, *moments: datetime) -> list[Ticket]:
    """Tom, who has a chat, of both tickets."""
    tom = (await session.scalars(select(Technician))).one()
    session.add(StaffChat(technician_id=tom.id, chat_id=BRUNO, wishes={}, linked_at=now()))
    found = list(await session.scalars(select(Ticket).order_by(Ticket.id)))
    for ticket, moment in zip(found, moments, strict=True):
        ticket.state, ticket.remind_at = State.PENDING, moment
        ticket.assignee_id = ticket.responsible_id = tom.id
    return found


async def agrees_to_a_call(session: WriteSession, ticket: Ticket, at: datetime) -> None:
    said = {"ticket_id": ticket.id, "person_id": ticket.opened_by_id, "created_at": now()}
    session.add(Appointment(at=at, state=AppointmentState.AGREED, **said))


async def test_hours_that_expired_or_soon_will_are_not_told_once_more(
    life: Life, place: Place, elsewhere: Place, backup: Path, office: Office
):
    """One purchase expires between the backup and its return, the date of another comes near."""
    with time_machine.travel("2026-11-24T17:00:00Z", tick=True) as clock:  # a Tuesday, the desk is open
        async with life.database.write() as session:
            billing = await staff.add_technician(session, username="berta", name="Berta", role=Role.BILLING)
            company = await session.scalar(select(Company))
            assert company is not None
            for days in (20, 30):
                until = now() + timedelta(days=days)
                await purchases.buy(session, billing, company, minutes=60, reference="001", expires_at=until)
        await place.backs_up(backup)
        clock.shift(timedelta(days=21))
        await elsewhere.restores(backup)
        database = Database(elsewhere.url)
        before = await everything_said(database)
        await jobs.run(database, elsewhere.settings, jobs.hours_of(office))
        assert await everything_said(database) == before
        clock.shift(timedelta(days=9, hours=1))
        await jobs.run(database, elsewhere.settings, jobs.hours_of(office))
        assert "vencieron" in str((await everything_said(database))[len(before) :])
        await database.close()


async def everything_said(database: Database) -> list[object]:
    async with database.read() as session:
        return list(await session.scalars(select(OutboxRow.payload).order_by(OutboxRow.id)))


async def test_an_update_of_before_has_no_second_effect_and_nobody_stays_logged_in(
    life: Life, place: Place, elsewhere: Place, backup: Path
):
    async with life.database.write() as session:
        tom = await session.scalar(select(Technician.id))
        session.add(
            StaffSession(token_sha256="a" * 64, technician_id=tom, csrf_token="c", created_at=now(), seen_at=now())
        )
    await place.backs_up(backup)
    await elsewhere.restores(backup)
    database = Database(elsewhere.url)
    await writes(database, elsewhere.settings, 7, b'{"text": "hola"}')
    async with database.read() as session:
        assert await session.scalar(select(InboxRow.state)) is InboxState.DONE
        assert await session.scalar(select(func.count()).where(StaffSession.ended_at.is_(None))) == 0
    await database.close()


async def waiting(database: Database, key: bytes) -> list[bytes]:
    async with database.read() as session:
        return [Vault(key).unlock(item.raw) for item in await inbox.heads(session, now=now(), limit=9)]


async def test_a_sealed_backup_brings_what_waits_in_the_inbox_along(
    life: Life, place: Place, elsewhere: Place, backup: Path
):
    place.given = elsewhere.given = SEALED
    await writes(life.database, place.settings, 8, b"mi clave")
    await place.backs_up(backup)
    content = await asyncio.to_thread(backup.read_bytes)
    assert b"mi clave" not in content
    assert secret_key(place.settings) not in content
    assert secret_key(elsewhere.settings) != secret_key(place.settings)  # a desk was started there before

    restored = await elsewhere.restores(backup)
    assert restored.settled.unreadable == 0
    database = Database(elsewhere.url)
    assert await waiting(database, secret_key(elsewhere.settings)) == [b"mi clave"]
    await database.close()


async def keep_secrets(database: Database, key: bytes) -> None:
    """A technician's second factor, and a program that is told."""
    async with database.write() as session:
        (await session.scalars(select(Technician))).one().totp_secret = second_factor.vault_of(key).lock(b"JBSWY3DP")
        maria = await staff.add_technician(session, username="maria", name="María", role=Role.ADMINISTRATOR)
        vault = subscriptions.vault_of(key)
        await subscriptions.add(
            session, maria, url="https://example.org/hook", events=["ticket.created"], vault=vault
        )


@pytest.mark.parametrize("is_sealed", [True, False])
async def test_secrets_are_kept_with_the_new_key_or_given_up_where_none_opens_them(
    life: Life, place: Place, elsewhere: Place, backup: Path, *, is_sealed: bool
):
    place.given = elsewhere.given = SEALED if is_sealed else {}
    await keep_secrets(life.database, secret_key(place.settings))
    assert secret_key(elsewhere.settings) != secret_key(place.settings)
    await place.backs_up(backup)
    await elsewhere.restores(backup)
    database, key = Database(elsewhere.url), secret_key(elsewhere.settings)
    async with database.read() as session:
        tom = (await session.scalars(select(Technician).order_by(Technician.id))).first()
        hook = (await session.scalars(select(Subscription))).one()
    assert tom is not None
    if is_sealed:
        assert second_factor.vault_of(key).unlock(tom.totp_secret) == b"JBSWY3DP"
        assert subscriptions.vault_of(key).unlock(hook.secret).startswith(b"whsec_")
        assert hook.paused_at is None
    else:
        assert tom.totp_secret is None
        assert hook.paused_at is not None
    await database.close()


async def test_a_place_without_a_key_takes_the_one_of_a_sealed_backup(
    life: Life, place: Place, elsewhere: Place, backup: Path
):
    place.given = elsewhere.given = SEALED
    await place.backs_up(backup)
    restored = await elsewhere.restores(backup)
    assert restored.has_key
    key = elsewhere.folder / "secret.key"
    assert key.read_bytes() == secret_key(place.settings)
    assert key.stat().st_mode & 0o777 == 0o600


async def test_an_open_backup_holds_no_key_and_says_what_stays_closed(
    life: Life, place: Place, elsewhere: Place, backup: Path
):
    await writes(life.database, place.settings, 8, b"mi clave")
    await place.backs_up(backup)
    assert secret_key(place.settings) not in await asyncio.to_thread(backup.read_bytes)
    restored = await elsewhere.restores(backup)
    assert restored.settled.unreadable == 1
    assert not restored.has_key


async def test_a_desk_that_is_there_is_kept_aside_whole(
    life: Life, place: Place, elsewhere: Place, backup: Path, backend: str
):
    await place.backs_up(backup)
    await life.answers("Escrito después de la copia.")
    newest = await rows.contents(life.database)
    await life.database.close()

    restored = await place.restores(backup, force=True)

    async with life.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Article)) == 3
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 2
    assert restored.aside
    if backend == "sqlite":
        aside = Database(f"sqlite+aiosqlite:///{restored.aside}")
        assert await rows.contents(aside) == newest
        await aside.close()
    else:
        async with life.database.read() as session:
            connection = await session.connection()
            kept = await connection.exec_driver_sql(f"SELECT count(*) FROM {restored.aside}.articles")
            assert kept.scalar() == len(newest["articles"]) == 4


@pytest.mark.parametrize("backend", ["sqlite"])  # a server keeps its files to itself
async def test_the_log_of_a_lost_database_is_not_played_into_the_restored_one(life: Life, place: Place, backup: Path):
    await place.backs_up(backup)
    before = await rows.contents(life.database)
    await life.answers("Escrito después de la copia.")
    target = Path(place.url.removeprefix("sqlite+aiosqlite:///"))
    log = await asyncio.to_thread(target.with_name(f"{target.name}-wal").read_bytes)
    assert len(log) > 4096
    await life.database.close()
    target.unlink()  # noqa: ASYNC240
    target.with_name(f"{target.name}-wal").write_bytes(log)

    await place.restores(backup)

    after = await rows.contents(life.database)
    assert after["articles"] == before["articles"]
    await life.database.close()


@pytest.mark.parametrize("backend", ["sqlite"])  # a server keeps its files to itself
async def test_a_database_that_cannot_be_read_is_kept_aside_too(life: Life, place: Place, backup: Path):
    await place.backs_up(backup)
    await life.database.close()
    target = Path(place.url.removeprefix("sqlite+aiosqlite:///"))
    target.write_bytes(b"not a database" * 1000)  # noqa: ASYNC240
    with pytest.raises(BackupError, match="not empty"):
        await place.restores(backup)
    restored = await place.restores(backup, force=True)
    assert Path(restored.aside).read_bytes() == b"not a database" * 1000  # noqa: ASYNC240
    assert len((await rows.contents(life.database))["tickets"]) == 2
    await life.database.close()


async def test_what_is_in_a_backup_is_told_without_the_desk(life: Life, place: Place, backup: Path):
    made = await place.backs_up(backup)
    told = json.loads(made.told.written())
    assert told["tables"]["tickets"]["rows"] == 2
    assert told["revision"] == migrations.head()
    assert {f"files/{sha256}" for sha256 in life.files} < told["members"].keys()
