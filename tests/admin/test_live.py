"""Pages that are open hear of what changes, over real HTTP, and of nothing else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape

import httpx
import pytest
import time_machine
from sqlalchemy import select, update

from core.actions import heartbeats
from core.clock import now
from core.db import Database
from core.models import Article, ArticleKind, Beat, DeliveryState, OutboxRow, StaffSession, Technician
from core.queries import changes
from core.queries.tickets import by_number
from core.rules.states import State
from tests.admin.browser import Browser
from tests.admin.desk import Desk
from tests.patience import PATIENCE


@pytest.fixture
async def ticket(desk, company, ada):
    return await desk.receives(company, ada)


@pytest.fixture
async def tom(desk, address) -> AsyncIterator[Browser]:
    """Tom's browser, connected over TCP."""
    await desk.employ("tom")
    async with httpx.AsyncClient(base_url=address, timeout=10) as client:
        browser = Browser(client)
        await browser.log_in("tom")
        yield browser


class Stream:
    """What one open page hears."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str, str] | None:
        """The next event and its data; None at the end."""
        kind = ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data:") and kind != "beat":
                    return kind, line.removeprefix("data:").strip()
        return None


@asynccontextmanager
async def listening(browser: Browser, *, at: str = "") -> AsyncIterator[Stream]:
    """The page the browser shows opens its stream."""
    assert browser.answer is not None
    found = re.search('data-stream="([^"]+)"', browser.answer.text)
    assert found
    async with browser.client.stream("GET", at or unescape(found[1])) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


async def test_the_queue_hears_of_a_new_ticket_from_another_process(desk, tom, company, ada, database_url):
    await tom.opens("/")
    async with listening(tom) as stream:
        elsewhere = Database(database_url)
        await Desk(elsewhere, desk.office).receives(company, ada)
        assert await stream.next() == ("change", "queue")
        await elsewhere.close()


async def test_a_ticket_hears_of_its_own_ticks_and_states_only(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Ya lo vemos")
    async with listening(tom) as stream:
        async with desk.database.write() as session:
            await session.execute(update(OutboxRow).values(state=DeliveryState.SENT, sent_at=now()))
        assert await stream.next() == ("change", "ticket")
        async with desk.database.write() as session:
            await session.execute(update(OutboxRow).values(state=DeliveryState.DEAD))
        # a technician has no say in deliveries: the bar does not change
        assert await stream.next() == ("change", "ticket")


async def test_what_happened_before_a_page_listened_is_told_at_once(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    shown = tom.answer
    await tom.sends("/note", text="Visto")
    tom.answer = shown
    async with listening(tom) as stream:
        assert await stream.next() == ("change", "ticket")


async def test_a_log_out_ends_every_stream_of_the_log_in(tom, ticket):
    await tom.opens("/")
    async with listening(tom) as queue, listening(tom) as other:
        await tom.sends("/logout")
        for stream in (queue, other):
            assert await stream.next() == ("over", "")
            assert await stream.next() is None


async def test_a_desk_that_stops_ends_its_streams(app, tom):
    await tom.opens("/")
    async with listening(tom) as stream:
        app.state.live.stop()
        assert await stream.next() is None


@pytest.mark.parametrize("at", ["/live", "/live?number=x&ticket=1&queue=", "/live?number=999999&ticket=abc"])
async def test_an_address_nobody_gave_listens_to_what_there_is(tom, app, at):
    await tom.opens("/")
    async with listening(tom, at=at) as stream:
        if "queue" in at:
            assert await stream.next() == ("change", "queue")
        app.state.live.stop()
        assert await stream.next() is None


async def test_a_page_hears_that_its_log_in_ends_soon_and_that_somebody_goes_on(database, tom):
    await tom.opens("/account")
    async with listening(tom) as stream:
        for since, idle in (
            ({"seen_at": now() - timedelta(minutes=29)}, True),
            (
                {"created_at": now() - timedelta(hours=11, minutes=59)},
                False,
            ),
        ):
            async with database.write() as session:
                await session.execute(update(StaffSession).values(**since))
            kind, said = await stream.next()
            assert (kind, json.loads(said)["idle"]) == ("ending", idle)
            assert 30 <= json.loads(said)["seconds"] <= 60
            if idle:
                await tom.client.get("/", headers={"X-Live": "1"})
                form = tom.form("/account/stay")
                answer = await tom.client.post(form.action, data=form.fields, headers={"Origin": tom.origin})
                assert answer.status_code == 200
                assert await stream.next() == ("ending", "")


async def test_what_a_page_fetches_by_itself_keeps_no_log_in_alive(desk, tom):
    (before,) = await desk.all_of(StaffSession)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        for asked_by_itself in (True, False):
            await tom.client.get("/", headers={"X-Live": "1"} if asked_by_itself else {})
            (after,) = await desk.all_of(StaffSession)
            assert (after.seen_at == before.seen_at) is asked_by_itself


async def test_a_stamp_changes_with_what_is_shown_and_not_with_every_commit(database, tom, ticket):
    async def stamps() -> tuple[str, str]:
        async with database.read() as session:
            tickets = await changes.of_tickets(session, [ticket.number, 999999])
            assert set(tickets) == {ticket.number}
            return await changes.of_queue(session), tickets[ticket.number]

    before = await stamps()
    async with database.write() as session:
        await heartbeats.note(session, Beat.PROBE)
    assert await stamps() == before
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/note", text="Visto")
    after = await stamps()
    assert after[0] != before[0]
    assert after[1] != before[1]


async def test_any_page_hears_what_came_in_but_not_what_is_with_a_colleague(desk, tom, company, ada, database):
    luis = await desk.employ("luis")
    theirs, nobodys = await desk.receives(company, ada, "De Luis"), await desk.receives(company, ada, "De nadie")
    pending = await desk.receives(company, ada, "De Luis, pendiente", state=State.PENDING)
    async with database.write() as session:
        for ticket in (theirs, pending):
            (await by_number(session, ticket.number, lock=True)).assignee_id = luis.id
        own = (await session.scalars(select(Technician.id).where(Technician.username == "tom"))).one()
        (await by_number(session, pending.number, lock=True)).responsible_id = own
    await tom.opens("/companies")
    async with listening(tom) as stream:
        async with database.write() as session:
            for ticket in (theirs, nobodys, pending):
                words = Article(
                    ticket_id=ticket.id, position=2, kind=ArticleKind.CUSTOMER, person_id=ada.id, text="¿Y?"
                )
                words.created_at = now()
                session.add(words)
        kind, data = await stream.next()
        assert (kind, [line["subject"] for line in json.loads(data)]) == (
            "work",
            ["De nadie", "De Luis, pendiente"],
        )
