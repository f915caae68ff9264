"""Alarms from the first sign to the end: raised once, shown while they last, told twice, and never a flood."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select, update

from core import jobs
from core.actions import heartbeats
from core.actions.alarms import Staff
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging import outbox
from core.models import (
    Alarm,
    Beat,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    Heartbeat,
    InboxRow,
    InboxState,
    OutboxRow,
)
from core.queries import health
from core.queries.alarms import open_alarms, past_alarms
from core.queries.health import Watched
from core.render import alarms as words
from core.render.office import Office
from core.rules.alarms import AlarmKind, Level
from core.rules.retries import Outcome


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


class Night:
    """A desk nobody looks at: time passes, its loops beat or do not, and the clock sweeps every half minute."""

    def __init__(self, database: Database, folder: Path, clock: time_machine.Traveller, *, address: str) -> None:
        self.database, self.clock = database, clock
        self.office = Office("Mesa", Translators(default="es", timezone="UTC"), panel_url="https://mesa.example")
        self.beating = {Beat.POLLED, Beat.WORKER, Beat.SENDER}
        self.job = jobs.watch(Watched(folder), Staff(self.office, address))

    async def passes(self, *, step: timedelta = timedelta(minutes=1), **time_: float) -> None:
        """The clock is moved, so what the sweep takes for steady time is moved with it; mails go out."""
        for _ in range(int(timedelta(**time_) / step)):
            self.clock.shift(step)
            async with self.database.write() as session:
                for beat in self.beating:
                    await heartbeats.note(session, beat)
                tick = await session.get(Heartbeat, Beat.TICK)
                if tick is not None:
                    tick.detail = tick.detail | {"steady": time.monotonic() - step.total_seconds()}
                mailed = update(OutboxRow).where(OutboxRow.lane.startswith("alarms"))
                await session.execute(mailed.values(state=DeliveryState.SENT))
            await self.sweeps()

    async def sweeps(self) -> None:
        async with self.database.write() as session:
            await self.job.sweep(session)

    async def alarms(self) -> list[tuple[AlarmKind, bool]]:
        """All there ever were, and whether each is over."""
        async with self.database.read() as session:
            rows = await session.scalars(select(Alarm).order_by(Alarm.id))
            return [(row.kind, row.closed_at is not None) for row in rows]

    async def mails(self) -> list[dict[str, Any]]:
        async with self.database.read() as session:
            query = select(OutboxRow).where(OutboxRow.lane.startswith("alarms"))
            rows = await session.scalars(query.order_by(OutboxRow.id))
            return [row.payload for row in rows]

    async def facts(self) -> Any:
        async with self.database.read() as session:
            return await health.facts(session, Watched(Path()), moment=now())


@pytest.fixture
async def night(database: Database, tmp_path: Path, clock: time_machine.Traveller) -> Night:
    night = Night(database, tmp_path, clock, address="turno@mesa.example")
    await night.passes(minutes=1)
    assert await night.alarms() == []
    return night


async def test_a_silence_of_hours_is_one_alarm_and_one_mail_and_its_end_another(night: Night):
    night.beating.discard(Beat.POLLED)
    silent_since = now()
    await night.passes(minutes=4)
    assert await night.alarms() == []
    await night.passes(hours=1, step=timedelta(minutes=5))
    assert await night.alarms() == [(AlarmKind.SILENT_POLLER, False)]
    async with night.database.read() as session:
        (alarm,) = await open_alarms(session)
    assert (alarm.level, alarm.since) == (Level.GRAVE, silent_since)
    (mail,) = await night.mails()
    assert mail["to"] == ["turno@mesa.example"]
    assert mail["subject"].startswith("Atención: No entran mensajes de clientes: Telegram no responde desde el ")
    assert "Qué hacer" in mail["text"]
    assert "https://mesa.example/health#silent_poller" in mail["html"]

    night.beating.add(Beat.POLLED)
    await night.passes(minutes=5)
    assert await night.alarms() == [(AlarmKind.SILENT_POLLER, True)]
    subjects = [mail["subject"] for mail in await night.mails()]
    assert len(subjects) == 2
    assert subjects[1].startswith("Resuelto: No entran mensajes")
    async with night.database.read() as session:
        assert list(await open_alarms(session)) == []
        assert [alarm.kind for alarm in await past_alarms(session)] == [AlarmKind.SILENT_POLLER]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_comes_and_goes_is_one_trouble_not_twenty(night: Night):
    for _ in range(10):
        async with night.database.write() as session:
            await heartbeats.note(session, Beat.POLL_CONFLICT)
        await night.passes(minutes=2)  # a conflict counts for two minutes, and an alarm ends two after that
    assert await night.alarms() == [(AlarmKind.TOKEN_ELSEWHERE, False)]
    assert len(await night.mails()) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_same_trouble_on_another_day_is_another_alarm(night: Night):
    for _ in range(2):
        async with night.database.write() as session:
            await heartbeats.note(session, Beat.TOKEN_REFUSED, at=now() + timedelta(minutes=1))
        await night.passes(minutes=10)
    assert await night.alarms() == [(AlarmKind.TOKEN_REFUSED, True)] * 2
    assert len(await night.mails()) == 4


async def test_sweeps_of_several_processes_at_once_raise_one_alarm(night: Night):
    async with night.database.write() as session:
        await heartbeats.note(session, Beat.TOKEN_REFUSED, at=now() + timedelta(minutes=1))
    await asyncio.gather(*(night.sweeps() for _ in range(4)))
    assert await night.alarms() == [(AlarmKind.TOKEN_REFUSED, False)]
    assert len(await night.mails()) == 1


async def queued(night: Night, lane: str, *, due_in: float = 0, channel: Channel = Channel.TELEGRAM) -> int:
    async with night.database.write() as session:
        row = await outbox.put(session, lane, "sendMessage", {"text": "hola", "to": ["a@b.example"]}, channel=channel)
        row.due_at = now() + timedelta(seconds=due_in)
        return row.id


async def test_mail_that_fails_is_shown_and_not_mailed(night: Night):
    await queued(night, "mail-1", channel=Channel.EMAIL)
    await night.passes(minutes=11)
    assert await night.alarms() == [(AlarmKind.MAIL_FAILING, False)]
    assert await night.mails() == []


async def test_messages_that_nothing_holds_up_and_that_do_not_go_are_an_alarm(night: Night):
    row_id = await queued(night, "3001")
    await night.passes(minutes=11)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, False)]
    async with night.database.write() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(state=DeliveryState.SENT))
    await night.passes(minutes=3)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, True)]


async def test_messages_of_a_chat_that_was_told_to_wait_are_none(night: Night):
    await queued(night, "3001", due_in=3600)
    await queued(night, "3001")
    await night.passes(minutes=15)
    assert await night.alarms() == []
    assert (await night.facts()).outbox_since is None


async def tried(night: Night, row_id: int, outcome: Outcome, *, again_in: float) -> None:
    async with night.database.write() as session:
        row = await session.get_one(OutboxRow, row_id)
        row.attempts, row.due_at = row.attempts + 1, now() + timedelta(seconds=again_in)
        session.add(DeliveryAttempt(outbox_id=row_id, started_at=now(), outcome=outcome))


async def tried_in_vain(night: Night, row_id: int, *, minutes: int) -> None:
    for _ in range(minutes):
        await tried(night, row_id, Outcome.NOT_SENT, again_in=60)
        await night.passes(seconds=50, step=timedelta(seconds=50))


async def test_a_chat_whose_message_is_tried_again_and_again_is_an_alarm(night: Night):
    """There is always a next try within the minute, and what waits behind it could go."""
    row_id = await queued(night, "3001")
    await queued(night, "3001")
    other = await queued(night, "3002")
    began = now()
    await tried_in_vain(night, row_id, minutes=6)
    await tried(night, other, Outcome.REFUSED, again_in=3600)
    await tried_in_vain(night, row_id, minutes=5)
    assert await night.alarms() == []
    await tried_in_vain(night, row_id, minutes=2)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, False)]
    assert (await night.facts()).outbox_since == began
    async with night.database.write() as session:
        (await session.get_one(OutboxRow, row_id)).state = DeliveryState.CANCELLED
        await session.execute(update(OutboxRow).where(OutboxRow.id > row_id).values(state=DeliveryState.SENT))
    await night.passes(minutes=3)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, True)]


async def test_how_long_a_chat_was_told_to_wait_does_not_count(night: Night):
    row_id = await queued(night, "3001")
    for _ in range(4):
        await tried(night, row_id, Outcome.REFUSED, again_in=900)
        await night.passes(seconds=890, step=timedelta(seconds=445))
    assert (await night.facts()).outbox_since is None
    await night.passes(minutes=1)
    await tried_in_vain(night, row_id, minutes=6)
    assert await night.alarms() == []
    await tried_in_vain(night, row_id, minutes=8)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, False)]


async def test_what_a_person_lets_go_again_counts_from_then(night: Night):
    row_id = await queued(night, "3001")
    await tried(night, row_id, Outcome.NOT_SENT, again_in=0)
    async with night.database.write() as session:
        (await session.get_one(OutboxRow, row_id)).state = DeliveryState.HELD
    await night.passes(hours=2, step=timedelta(hours=1))
    async with night.database.write() as session:
        row = await session.get_one(OutboxRow, row_id)
        row.state, row.released_at, row.due_at = DeliveryState.QUEUED, now(), now()
    await tried_in_vain(night, row_id, minutes=6)
    assert await night.alarms() == []
    await tried_in_vain(night, row_id, minutes=8)
    assert await night.alarms() == [(AlarmKind.OUTBOX_STUCK, False)]


async def test_what_failed_or_is_in_doubt_lasts_until_somebody_deals_with_it(night: Night):
    ids = [await queued(night, str(3001 + number)) for number in range(3)]
    for row_id, state in zip(ids, ("dead", "uncertain", "parked"), strict=True):
        async with night.database.write() as session:
            (await session.get_one(OutboxRow, row_id)).state = DeliveryState(state)
    await night.passes(minutes=1)
    async with night.database.read() as session:
        (alarm,) = await open_alarms(session)
    assert words.wrong(alarm, night.office.t).startswith("Entregas fallidas o dudosas: 2; la más antigua es del ")
    assert words.place(alarm) == "/deliveries"
    async with night.database.write() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(state=DeliveryState.CANCELLED))
    await night.passes(minutes=3)
    assert await night.alarms() == [(AlarmKind.DELIVERIES_TROUBLED, True)]


async def received(night: Night, state: InboxState, at: datetime) -> None:
    async with night.database.write() as session:
        session.add(InboxRow(bot_id=1, update_id=5, lane="1", raw=b"", state=state, received_at=at, due_at=at))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("state", "kind"), [(InboxState.NEW, AlarmKind.INBOX_STUCK), (InboxState.DEAD, AlarmKind.INBOX_DEAD)]
)
async def test_messages_not_worked_off_are_an_alarm(night: Night, state: InboxState, kind: AlarmKind):
    await received(night, state, now() - timedelta(minutes=10))
    await night.passes(minutes=1)
    assert await night.alarms() == [(kind, False)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hours", [-24, 24])
async def test_a_clock_that_jumps_is_told_and_forgotten_after_an_hour(
    night: Night, clock: time_machine.Traveller, hours: int
):
    clock.shift(timedelta(hours=hours))
    await night.sweeps()
    assert await night.alarms() == [(AlarmKind.CLOCK_JUMPED, False)]
    assert f"saltó {hours * 60} minutos" in (await night.mails())[0]["subject"]
    await night.passes(minutes=66, step=timedelta(minutes=3))
    assert await night.alarms() == [(AlarmKind.CLOCK_JUMPED, True)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_without_an_address_the_panel_alone_shows_it(
    database: Database, tmp_path: Path, clock: time_machine.Traveller
):
    night = Night(database, tmp_path, clock, address="")
    await received(night, InboxState.DEAD, now())
    await night.passes(minutes=1)
    assert await night.alarms() == [(AlarmKind.INBOX_DEAD, False)]
    assert await night.mails() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_an_alarm_of_long_ago_is_forgotten(night: Night, clock: time_machine.Traveller):
    async with night.database.write() as session:
        await heartbeats.note(session, Beat.TOKEN_REFUSED, at=now() + timedelta(minutes=1))
    await night.passes(minutes=6)
    clock.shift(timedelta(days=91))
    async with night.database.write() as session:
        await jobs.prune(session)
    assert await night.alarms() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_looking_reads_no_whole_queue(night: Night):
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(night.database._reader.sync_engine, "before_cursor_execute", note)
    await night.facts()
    event.remove(night.database._reader.sync_engine, "before_cursor_execute", note)
    plans = []
    async with night.database.read() as session:
        connection = await session.connection()
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                plans += (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
    steps = [plan[3] for plan in plans if "outbox" in plan[3] or "inbox" in plan[3]]
    assert len(steps) >= 5
    assert [step for step in steps if "INDEX" not in step] == []


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_speaks_spanish(kind: AlarmKind):
    t = Translators(default="es", timezone="UTC")["es"]
    detail = {"n": 3, "roles": "send", "megabytes": 12, "minutes": 5}
    alarm = Alarm(kind=kind, level=Level.GRAVE, since=now(), detail=detail)
    source = words.ALARM_WORDS[kind]
    assert words.wrong(alarm, t) != source.wrong
    assert "%(" not in words.wrong(alarm, t)
    assert words.to_do(alarm, t) != source.to_do
