"""Every file from outside is looked at by the virus scanner, where there is one."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.messaging.scanner import InfectedError, Scanner, ScannerError
from core.messaging.store import FileStore

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Answer = Callable[[bytes], bytes]


def clamd(content: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND\0" if content.startswith(EICAR) else b"stream: OK\0"


@asynccontextmanager
async def scanner_at(address: str, answer: Answer = clamd) -> AsyncIterator[str]:
    """A clamd that knows one virus; its address as the setting has it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (asked := await reader.readuntil(b"\0")) == b"zPING\0":
            writer.write(b"PONG\0")
            writer.close()
            return
        assert asked == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
        writer.write(answer(content))
        writer.close()

    if address.startswith("/"):
        server = await asyncio.start_unix_server(serve, address)
        where = address
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        where = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield where


async def bytes_of(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def receive(tmp_path: Path) -> Callable[[str, bytes], Awaitable[object]]:
    async def receive(address: str, content: bytes) -> object:
        return await FileStore(tmp_path / "files", Scanner(address)).receive(bytes_of(content), cap=10**6)

    return receive


def left(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["unix", "tcp"])
async def test_a_clean_file_is_kept_and_a_harmful_one_never(kind: str, receive, tmp_path: Path):
    async with scanner_at(str(tmp_path / "clamd.sock") if kind == "unix" else "tcp") as address:
        await receive(address, bytes(700_000))
        assert len(left(tmp_path)) == 1
        with pytest.raises(InfectedError, match="Eicar-Signature"):
            await receive(address, EICAR)
        assert len(left(tmp_path)) == 1


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK", b"UNKNOWN COMMAND\0"]
)
async def test_without_a_verdict_nothing_is_kept(answer: bytes, receive, tmp_path: Path):
    async with scanner_at("tcp", lambda _: answer) as address:
        with pytest.raises(ScannerError):
            await receive(address, b"factura")
    assert left(tmp_path) == []


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "tcp://127.0.0.1:9"])
async def test_a_scanner_that_is_away_keeps_files_waiting(address: str, receive, tmp_path: Path):
    with pytest.raises(ScannerError, match="does not answer"):
        await receive(address, b"factura")
    assert left(tmp_path) == []


async def test_the_check_says_whether_the_scanner_is_there():
    async with scanner_at("tcp") as address:
        await Scanner(address).ping()
    with pytest.raises(ScannerError, match="does not answer"):
        await Scanner(address).ping()
