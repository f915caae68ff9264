"""One process at a time polls, one sends; when it dies or loses its lock, another takes over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from core.db import Database
from core.messaging import leader
from core.messaging.leader import Duty, Leader
from tests.patience import PATIENCE

TERMINATE = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND objid = :duty AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Story:
    """Who began and who ended to lead, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Condition()

    async def tell(self, line: str) -> None:
        async with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    async def until(self, holds: Callable[[list[str]], bool]) -> None:
        """Wait for it; also what others say is looked at, every now and then."""
        async with asyncio.timeout(PATIENCE), self._changed:
            while not holds(self.lines):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.1)


class Work:
    """A loop that says when it starts and when it ends."""

    def __init__(self, story: Story, name: str, *, breaks: bool = False) -> None:
        self._story, self._name, self._breaks = story, name, breaks
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await self._story.tell(f"{self._name} leads")
        if self._breaks:
            raise ZeroDivisionError
        await self._stopping.wait()
        await self._story.tell(f"{self._name} ends")

    def stop(self) -> None:
        self._stopping.set()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "LOOK_SECONDS", 0.05)


@pytest.fixture
async def story() -> Story:
    return Story()


@asynccontextmanager
async def process(url: str, name: str, story: Story, *, duty: Duty = Duty.SEND) -> AsyncIterator[None]:
    """What one process of the desk has: a database of its own and a leader."""
    database = Database(url)
    leading = Leader(database, duty, lambda: [Work(story, name)])
    task = asyncio.create_task(leading.run())
    yield
    leading.stop()
    async with asyncio.timeout(PATIENCE):
        await task
    await database.close()


async def test_the_second_waits_until_the_first_is_done(database_url: str, story: Story):
    with capture_logs() as logs:
        async with AsyncExitStack() as second:
            async with process(database_url, "one", story):
                await story.until(lambda lines: lines == ["one leads"])
                await second.enter_async_context(process(database_url, "two", story))
                async with process(database_url, "poller", story, duty=Duty.POLL):
                    await story.until(lambda lines: "poller leads" in lines)
                    await story.until(lambda _: any("waits to take over" in line["event"] for line in logs))
            await story.until(lambda lines: lines[-1] == "two leads")
    assert story.lines == ["one leads", "poller leads", "poller ends", "one ends", "two leads", "two ends"]
    assert [line["role"] for line in logs if "waits to take over" in line["event"]] == ["send"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_whoever_loses_the_connection_with_the_lock_stops_and_one_leads_again(
    database: Database, database_url: str, story: Story
):
    async with process(database_url, "one", story):
        await story.until(lambda lines: lines == ["one leads"])
        async with process(database_url, "two", story), database.write() as session:
            for turn in range(3):
                assert await session.scalar(TERMINATE, {"duty": Duty.SEND}) == 1
                leads = 2 + turn
                await story.until(lambda lines: sum("leads" in line for line in lines) == leads)  # noqa: B023
                await story.until(lambda lines: sum("ends" in line for line in lines) == leads - 1)  # noqa: B023
    begun = [line.partition(" ")[0] for line in story.lines if line.endswith("leads")]
    ended = [line.partition(" ")[0] for line in story.lines if line.endswith("ends")]
    assert begun == ended


async def test_a_loop_that_breaks_is_started_again(database: Database, story: Story):
    made: list[Work] = []

    def make() -> list[Work]:
        made.append(Work(story, "one", breaks=not made))
        return made[-1:]

    leading = Leader(database, Duty.POLL, make)
    with capture_logs() as logs:
        task = asyncio.create_task(leading.run())
        await story.until(lambda lines: lines == ["one leads", "one leads"])
    assert "a loop broke" in {line["event"] for line in logs}
    leading.stop()
    await task


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_database_that_is_away_is_waited_for(database: Database, database_url: str, story: Story):
    with capture_logs() as logs:
        async with process(database_url, "one", story):
            await story.until(lambda lines: lines == ["one leads"])
            await server_says(database, "ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await server_says(
                database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'"
            )
            await story.until(lambda lines: "nobody knows who leads" in {line["event"] for line in logs})
            await server_says(database, "ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await story.until(lambda lines: lines == ["one leads", "one ends", "one leads"])


async def server_says(database: Database, statement: str) -> None:
    """Run it on the same server, from another database."""
    server = Database(database.url.set(database="postgres").render_as_string(hide_password=False))
    async with server.own_connection() as connection:
        await connection.execute(statement.format(name=database.url.database))
    await server.close()


class Line:
    """A wire to the server that may go dead: what is sent gets no answer, and nobody hangs up."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._ends: list[asyncio.StreamWriter] = []
        self._flows: list[asyncio.Task[None]] = []

    async def open(self) -> int:
        """The port to call."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._socket)
        self._ends += [writer, server_writer]
        for source, target in ((reader, server_writer), (server_reader, writer)):
            self._flows.append(asyncio.create_task(self._flow(source, target)))

    async def _flow(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(65536):
            target.write(piece)

    async def goes_dead(self) -> None:
        """The server notices, the desk does not; a new call goes through."""
        for flow in self._flows:
            flow.cancel()
        for server_end in self._ends[1::2]:
            server_end.close()
        self._flows, self._ends = [], self._ends[::2]

    async def close(self) -> None:
        self._server.close()
        for end in self._ends:
            end.close()
        for flow in self._flows:
            flow.cancel()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_line_that_goes_dead_without_a_word_is_noticed(
    database: Database, story: Story, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leader, "ANSWER_SECONDS", 0.5)
    line = Line(f"{database.url.query['host']}/.s.PGSQL.5432")
    url = database.url.set(host="127.0.0.1", port=await line.open(), query={})
    async with process(url.render_as_string(hide_password=False), "one", story):
        await story.until(lambda lines: lines == ["one leads"])
        await line.goes_dead()
        await story.until(lambda lines: lines == ["one leads", "one ends", "one leads"])
    await line.close()
