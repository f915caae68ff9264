"""The bytes of customers' files come whole or not at all, whatever the line and the server do."""

import asyncio
import errno
import hashlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import time_machine
from aiohttp import web

from core import failpoints
from core.db import Database
from core.messaging.scanner import Scanner
from core.messaging.store import FileStore
from core.models import FileState
from tests.bot.rude import TOKEN, Fetching, RudeServer, quick, streamed, unframed, whole
from tests.messaging.test_scanner import scanner_at

MEGABYTE = 1024 * 1024

on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
async def server() -> AsyncIterator[RudeServer]:
    async with RudeServer().running() as server:
        yield server


@pytest.fixture
async def fetching(database: Database, tmp_path: Path, server: RudeServer) -> Fetching:
    return Fetching(database, tmp_path, server)


async def test_a_file_is_known_by_its_content_not_by_what_it_was_called(fetching: Fetching, server: RudeServer):
    server.serve = whole(b"MZ\x90\x00" + bytes(200))
    await fetching.sends()
    async with fetching.running():
        stored = await fetching.until_stored()
    assert (stored.media_type, stored.size) == ("application/x-msdownload", 204)
    assert (stored.sha256, stored.due_at, stored.error) == (
        hashlib.sha256(b"MZ\x90\x00" + bytes(200)).hexdigest(),
        None,
        None,
    )


@on_one_database
async def test_half_a_file_is_not_taken_for_a_whole_one(
    fetching: Fetching, server: RudeServer, clock: time_machine.Traveller
):
    async def half() -> AsyncIterator[bytes]:
        yield b"fact"

    server.serve = streamed(half, length=7)
    await fetching.sends()
    async with fetching.running():
        tried = await fetching.until_tried()
        assert (tried.state, tried.sha256) == (FileState.PENDING, None)
        assert fetching.kept() == []
        server.serve, server.size = unframed(b"fact"), 7  # now even the promise is missing
        clock.shift(2.0)
        fetching.hurry()
        await fetching.until_tried(2)
        assert fetching.kept() == []
        server.serve = whole(b"factura")
        clock.shift(5.0)
        fetching.hurry()
        stored = await fetching.until_stored()
    assert stored.sha256 == hashlib.sha256(b"factura").hexdigest()


@on_one_database
@pytest.mark.parametrize("promised", [None, 10**12])
async def test_a_file_that_never_ends_is_cut_off_and_given_up(
    promised: int | None, fetching: Fetching, server: RudeServer
):
    """Telegram said it was small."""
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 100:
            given += 1
            yield bytes(MEGABYTE)

    server.size = 7
    server.serve = streamed(endless, length=promised)
    await fetching.sends()
    async with fetching.running():
        found = await fetching.until(lambda file: file.attempts > 0)
    assert given < 60
    assert (found.state, found.due_at) == (FileState.FAILED, None)
    assert fetching.kept() == []


@on_one_database
async def test_a_file_that_drips_holds_up_none_but_itself(fetching: Fetching, server: RudeServer):
    async def drips() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.1)

    async def serve(request: web.Request) -> web.StreamResponse:
        is_first = request.path.endswith("file_1")
        return await (streamed(drips, length=100) if is_first else whole(b"factura"))(request)

    server.serve = serve
    fetching.times = quick(total=1.5, sock_read=1)
    await fetching.sends(1)
    async with fetching.running():
        await fetching.until(lambda _: server.downloads == 1)
        for message in range(2, 8):
            await fetching.sends(message)
        await fetching.until_stored(7)
        assert (await fetching.file(1)).attempts == 0
        tried = await fetching.until_tried()
    assert tried.state is FileState.PENDING
    assert "Timeout" in (tried.error or "")


async def test_a_link_that_has_expired_is_asked_for_anew(
    fetching: Fetching, server: RudeServer, clock: time_machine.Traveller
):
    async def serve(request: web.Request) -> web.StreamResponse:
        return web.Response(status=404) if server.links == 1 else web.Response(body=b"factura")

    server.serve = serve
    await fetching.sends()
    async with fetching.running():
        tried = await fetching.until_tried()
        assert tried.error == "DownloadError: HTTP 404"
        clock.shift(2.0)
        fetching.hurry()
        await fetching.until_stored()
    assert (server.links, server.downloads) == (2, 2)


@on_one_database
async def test_the_address_of_a_file_is_neither_stored_nor_logged(
    fetching: Fetching, server: RudeServer, capsys: pytest.CaptureFixture[str]
):
    """It holds the token."""
    await fetching.sends()

    async def dies(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    server.serve = dies
    async with fetching.running():
        await fetching.until_tried()
    said = "".join(capsys.readouterr())
    kept = b"".join(path.read_bytes() for path in fetching.folder.parent.rglob("*.db*"))
    assert b"DownloadError" in kept
    for secret in (TOKEN, TOKEN.partition(":")[2], "documents/file_1"):
        assert secret.encode() not in kept
        assert secret not in said


async def test_a_full_disk_passes_and_is_never_the_end_of_a_file(
    fetching: Fetching, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    await fetching.sends()
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        async with fetching.running():
            await fetching.until_tried()
            clock.shift(86_400.0 * 3)
            fetching.hurry()
            tried = await fetching.until_tried(2)
    assert (tried.state, fetching.kept()) == (FileState.PENDING, [])
    clock.shift(700.0)
    async with fetching.running():
        await fetching.until_stored()


async def test_a_harmful_file_is_thrown_away_and_a_scanner_that_is_away_is_waited_for(
    fetching: Fetching, tmp_path: Path, clock: time_machine.Traveller
):
    socket = str(tmp_path / "clamd.sock")
    fetching.store = FileStore(fetching.folder, Scanner(socket))
    await fetching.sends()
    async with fetching.running():
        tried = await fetching.until_tried()
        assert tried.state is FileState.PENDING
        assert "the virus scanner does not answer" in (tried.error or "")
        async with scanner_at(socket, lambda _: b"stream: Win.Test.EICAR FOUND\0"):
            clock.shift(86_400.0 * 2)
            fetching.hurry()
            found = await fetching.until(lambda file: file.state is FileState.QUARANTINED)
    assert (found.error, found.sha256, found.due_at) == ("Win.Test.EICAR", None, None)
    assert fetching.kept() == []


PLACES = ("mid_stream", "before_fsync", "after_fsync", "after_rename")

KILLED = """
import asyncio, sys
from pathlib import Path
from core import failpoints
from core.messaging.store import FileStore

async def pieces():
    yield b"fact"
    yield b"ura"

failpoints.arm(sys.argv[2])
asyncio.run(FileStore(Path(sys.argv[1])).receive(pieces(), cap=100))
"""


@on_one_database
@pytest.mark.parametrize("place", PLACES)
async def test_a_kill_leaves_no_half_file_and_the_next_start_sweeps(place: str, fetching: Fetching):
    command = (sys.executable, "-c", KILLED, str(fetching.folder), f"file.{place}")
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == -signal.SIGKILL
    whole_sha256 = hashlib.sha256(b"factura").hexdigest()
    assert [path.name == whole_sha256 for path in fetching.kept()] == [place == "after_rename"]
    await fetching.sends()
    async with fetching.running():
        await fetching.until_stored()
    assert [path.name for path in fetching.kept()] == [whole_sha256]


@on_one_database
@pytest.mark.parametrize("place", ["after_getfile", *PLACES, "before_commit"])
async def test_whatever_fails_on_the_way_the_file_comes_the_next_time(
    place: str, fetching: Fetching, server: RudeServer, clock: time_machine.Traveller
):
    failpoints.arm(f"file.{place}=enospc")
    await fetching.sends()
    try:
        async with fetching.running():
            await fetching.until(lambda file: file.attempts > 0 or file.state is FileState.STORED or server.links > 1)
            clock.shift(5.0)
            fetching.hurry()
            stored = await fetching.until_stored()
    finally:
        failpoints.arm("")
    assert server.links == 2
    assert [path.name for path in fetching.kept()] == [stored.sha256]
