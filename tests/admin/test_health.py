"""How the desk is: for machines in JSON and figures, for people in one line on every page."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from admin import watch as watching
from admin.app import create_app
from admin.watch import Watch
from core.actions import heartbeats
from core.clock import now
from core.db import Database
from core.messaging import outbox
from core.models import (
    Alarm,
    Attachment,
    Beat,
    DeliveryAttempt,
    DeliveryState,
    FileKind,
    FileState,
    InboxRow,
    InboxState,
)
from core.queries.health import Watched
from core.rules.alarms import AlarmKind, Level
from core.rules.permissions import Role
from tests.admin.conftest import HOME
from tests.messaging.wire import moved_away

TOKEN = "una-clave-para-las-cifras"
BEATS = (Beat.POLLED, Beat.WORKER, Beat.SENDER, Beat.TICK)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=True) as clock:
        yield clock


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> Watch:
    return Watch(database, Watched(tmp_path), metrics_token=TOKEN, patience=15)


@pytest.fixture
def app(database: Database, office, store, watch: Watch):
    return create_app(database=database, office=office, store=store, secret=b"k" * 32, https=False, watch=watch)


@pytest.fixture
async def machine(app) -> AsyncIterator[httpx.AsyncClient]:
    """What looks after the server; it has no log-in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME) as client:
        yield client


async def beat(database: Database, *beats: Beat) -> None:
    async with database.write() as session:
        for name in beats or BEATS:
            await heartbeats.note(session, name)


async def complaints(machine: httpx.AsyncClient) -> dict[str, str]:
    """What /readyz finds wrong; its status must say the same."""
    answer = await machine.get("/readyz")
    body = answer.json()
    wrong = {finding["what"]: finding["says"] for finding in body["findings"] if not finding["is_well"]}
    assert (answer.status_code, body["is_ready"]) == ((503, False) if wrong else (200, True))
    return wrong


@asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """Somebody holds what every write needs."""
    if database.is_sqlite:
        other = sqlite3.connect(str(database.url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
    else:
        async with database.write() as session:
            await session.execute(text("LOCK TABLE heartbeats IN EXCLUSIVE MODE"))
            yield


async def test_alive_is_whoever_answers(machine: httpx.AsyncClient, database: Database):
    async with moved_away(database, "heartbeats"):
        assert (await machine.get("/livez")).status_code == 200


async def test_a_desk_where_everything_beats_is_ready(machine: httpx.AsyncClient, database: Database):
    assert await complaints(machine) == dict.fromkeys(("poll", "send", "tick", "work"), "was never heard of")
    await beat(database)
    assert await complaints(machine) == {}


async def test_a_database_that_takes_no_write_is_found_and_waited_for_once(
    machine: httpx.AsyncClient, database: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    await beat(database)
    monkeypatch.setattr(watch, "_patience", 1.0)
    async with locked(database):
        both = await asyncio.gather(complaints(machine), complaints(machine))
    assert both == [{"database": "did not take a write in time"}] * 2
    monkeypatch.setattr(watching, "PROBE_REST", 0.0)
    assert watch._probe is not None
    await watch._probe  # it was not given up, and ends now that it can
    assert await complaints(machine) == {}


async def test_a_database_that_is_away_is_found_and_nothing_of_its_errors_told(
    machine: httpx.AsyncClient, database: Database
):
    async with moved_away(database, "heartbeats"):
        answer = await machine.get("/readyz")
    assert answer.status_code == 503
    assert [finding["says"] for finding in answer.json()["findings"]] == [
        "did not take a write in time",
        "the database does not answer",
    ]


async def test_however_many_ask_the_database_is_written_to_once(
    machine: httpx.AsyncClient, database: Database, clock: time_machine.Traveller
):
    await machine.get("/readyz")
    async with database.write() as session:
        await session.execute(text("DELETE FROM heartbeats"))
    for _ in range(5):
        await machine.get("/readyz")
    async with database.read() as session:
        assert await session.scalar(text("SELECT COUNT(*) FROM heartbeats")) == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "what"), [(Beat.POLLED, "poll"), (Beat.WORKER, "work"), (Beat.SENDER, "send"), (Beat.TICK, "tick")]
)
async def test_who_is_silent_for_90_seconds_is_missed(
    machine: httpx.AsyncClient, database: Database, clock: time_machine.Traveller, name: Beat, what: str
):
    await beat(database)
    clock.shift(timedelta(seconds=92))
    await beat(database, *(set(BEATS) - {name}))
    wrong = await complaints(machine)
    assert list(wrong) == [what]
    assert wrong[what].startswith("last heard of 9")
    await beat(database, name)
    assert await complaints(machine) == {}


async def test_rows_that_wait_too_long_are_found(machine: httpx.AsyncClient, database: Database):
    await beat(database)
    long_ago = now() - timedelta(minutes=11)
    async with database.write() as session:
        row = await outbox.put(session, 1, "sendMessage", {"text": "secreto"})
        row.due_at = long_ago
        session.add(
            InboxRow(bot_id=1, update_id=1, lane="1", state=InboxState.NEW, received_at=long_ago, due_at=now())
        )
    wrong = await complaints(machine)
    assert set(wrong) == {"inbox", "outbox"}
    assert all(says.startswith("the oldest row waits since 6") for says in wrong.values())


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_figures_are_for_who_brings_the_token(machine: httpx.AsyncClient, app, database, office, store):
    for header in ({}, {"Authorization": "Bearer otra"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "ñ"}):
        raw = {name: value.encode() for name, value in header.items()}
        answer = await machine.get("/metrics", headers=raw)
        assert (answer.status_code, answer.content) == (401, b"")
    assert (await machine.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})).status_code == 200
    without = create_app(database=database, office=office, store=store, secret=b"k" * 32, https=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=without), base_url=HOME) as client:
        for token in ("", "Bearer ", "Bearer x"):
            assert (await client.get("/metrics", headers={"Authorization": token})).status_code == 404


async def figures(machine: httpx.AsyncClient) -> Mapping[str, float]:
    answer = await machine.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_the_figures_are_those_of_the_database(machine: httpx.AsyncClient, database: Database, desk):
    company = await desk.registers(name="Ferretería Ada")
    await desk.receives(company, await desk.greets(company), "Un asunto muy propio")
    moment = now()
    async with database.write() as session:
        rows = [await outbox.put(session, 1, "sendMessage", {"text": f"secreto {n}"}) for n in range(6)]
        for row, state in zip(rows, ("sent", "dead", "dead", "parked", "queued", "queued"), strict=True):
            row.state = DeliveryState(state)
        rows[5].due_at = moment - timedelta(seconds=50)
        for outcome in ("sent", "sent", "refused", None):
            session.add(DeliveryAttempt(outbox_id=rows[0].id, started_at=moment, outcome=outcome))
        for number, state in enumerate((InboxState.NEW, InboxState.DONE, InboxState.DONE, InboxState.DEAD)):
            session.add(
                InboxRow(bot_id=1, update_id=number, lane="1", state=state, received_at=moment, due_at=moment)
            )
        session.add(
            Attachment(
                kind=FileKind.PHOTO,
                name="foto secreta.jpg",
                media_type="image/jpeg",
                state=FileState.PENDING,
                due_at=moment,
                created_at=moment,
            )
        )
        session.add(alarm(AlarmKind.DISK_LOW))
        await heartbeats.note(session, Beat.BACKUP, at=moment - timedelta(seconds=3600))
    found = await figures(machine)
    expected = {
        "ventanilla_outbox_rows telegram queued": 2,
        "ventanilla_outbox_rows telegram dead": 2,
        "ventanilla_outbox_rows telegram parked": 1,
        "ventanilla_delivery_attempts_total sent": 2,
        "ventanilla_delivery_attempts_total refused": 1,
        "ventanilla_delivery_attempts_total under_way": 1,
        "ventanilla_inbox_rows new": 1,
        "ventanilla_inbox_rows done": 2,
        "ventanilla_inbox_rows dead": 1,
        "ventanilla_files_pending": 1,
        "ventanilla_reports_to_draw": 0,
        "ventanilla_alarm_open disk_low": 1,
        "ventanilla_alarm_open silent_poller": 0,
    }
    assert {name: found[name] for name in expected} == expected
    assert 50 <= found["ventanilla_oldest_row_age_seconds outbox"] < 60
    assert 3600 <= found["ventanilla_heartbeat_age_seconds backup"] < 3610
    assert found["process_resident_memory_bytes"] > 1_000_000
    assert "ventanilla_outbox_rows telegram sent" not in found


async def test_figures_tell_nothing_of_customers(machine: httpx.AsyncClient, database: Database, desk):
    company = await desk.registers(name="Ferretería Ada")
    ada = await desk.greets(company, chat=987654321)
    await desk.receives(company, ada, "Un asunto muy propio")
    async with database.write() as session:
        (await outbox.put(session, 987654321, "sendMessage", {"text": "secreto"})).state = DeliveryState.DEAD
    for path in ("/metrics", "/readyz", "/livez"):
        said = (await machine.get(path, headers={"Authorization": f"Bearer {TOKEN}"})).text
        assert not [word for word in ("Ada", "asunto", "secreto", "987654321", company.ruc, TOKEN) if word in said]


def alarm(kind: AlarmKind, level: Level = Level.WARNING, **detail: Any) -> Alarm:
    moment = now()
    detail = {"n": 2, "megabytes": 80, "roles": "send", "minutes": 5} | detail
    return Alarm(kind=kind, level=level, since=moment, opened_at=moment, seen_at=moment, detail=detail)


async def test_an_alarm_stands_on_every_page_while_it_lasts(desk, tom, database: Database):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    async with database.write() as session:
        session.add(alarm(AlarmKind.SILENT_POLLER, Level.GRAVE))
        session.add(alarm(AlarmKind.DELIVERIES_TROUBLED))
    for page in ("/", f"/tickets/{ticket.number}", "/companies", "/deliveries"):
        await tom.opens(page)
        assert tom.answer.text.count('class="banner banner-grave" role="status"') == 1, page
        assert "Urgente: No entran mensajes de clientes" in tom.text
        assert "/health#silent_poller" in tom.page.links
        assert "y 1 más" in tom.text

    await tom.opens("/health#silent_poller")
    assert "Revise la conexión a internet del servidor" in tom.text
    assert "Entregas fallidas o dudosas: 2" in tom.text

    async with database.write() as session:
        await session.execute(text("DELETE FROM alarms WHERE kind = 'deliveries_troubled'"))
        await session.execute(text("UPDATE alarms SET closed_at = opened_at"))
    await tom.opens("/")
    assert 'class="banner' not in tom.answer.text
    assert "Urgente" not in tom.text
    await tom.opens("/health")
    assert "Todo funciona" in tom.text
    assert "No entran mensajes de clientes" in tom.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_banner_leads_to_where_the_trouble_is_dealt_with(tom, database: Database):
    async with database.write() as session:
        session.add(alarm(AlarmKind.DELIVERIES_TROUBLED))
    await tom.opens("/")
    assert "Atención: Entregas fallidas o dudosas: 2" in tom.text
    banner = tom.answer.text.partition('class="banner')[2].partition("</a>")[0]
    assert 'href="/deliveries"' in banner


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_stranger_sees_no_alarm(stranger, database: Database):
    async with database.write() as session:
        session.add(alarm(AlarmKind.DISK_LOW))
    await stranger.opens("/login")
    assert "disco" not in stranger.text
    await stranger.opens("/health")
    assert "disco" not in stranger.text
    assert "Entrar" in stranger.answer.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", Role)
async def test_whoever_works_here_sees_it(log_in, database: Database, role: Role):
    browser = await log_in(f"alguien-{role}", role)
    async with database.write() as session:
        session.add(alarm(AlarmKind.DISK_LOW))
    await browser.opens("/")
    assert "El disco está casi lleno: quedan 80 MB libres." in browser.text
