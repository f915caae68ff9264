"""ClamAV by its socket: every file from outside is looked at before anybody can open it."""

import asyncio
import struct
from pathlib import Path
from urllib.parse import urlsplit

CHUNK = 256 * 1024
CONNECT_SECONDS = 5
SCAN_SECONDS = 120


class InfectedError(Exception):
    """The scanner knows this file for harmful; ``args[0]`` is the name of what it found."""


class ScannerError(Exception):
    """The scanner gave no verdict: the file waits."""


class Scanner:
    """Speaks clamd's INSTREAM to ``/path/of/socket`` or ``tcp://host:port``."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def scan(self, path: Path) -> None:
        """Return if the file is clean. Raises InfectedError, ScannerError."""
        try:
            async with asyncio.timeout(SCAN_SECONDS):
                verdict = await self._ask(path)
        except (OSError, TimeoutError, EOFError) as error:
            raise ScannerError(f"the virus scanner does not answer: {type(error).__name__}") from error
        if verdict.endswith("FOUND"):
            raise InfectedError(verdict.removeprefix("stream:").removesuffix("FOUND").strip()[:100])
        if verdict != "stream: OK":
            raise ScannerError(f"the virus scanner says: {verdict[:100]}")

    async def ping(self) -> None:
        """Return if the scanner is there. Raises ScannerError."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await self._connect()
                writer.write(b"zPING\0")
                answer = await reader.readuntil(b"\0")
                writer.close()
        except (OSError, TimeoutError, EOFError) as error:
            raise ScannerError(f"{self._address} does not answer: {type(error).__name__}") from error
        if answer != b"PONG\0":
            raise ScannerError(f"{self._address} is no ClamAV")

    async def _ask(self, path: Path) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            with path.open("rb") as file:
                while content := await asyncio.to_thread(file.read, CHUNK):
                    writer.write(struct.pack("!I", len(content)) + content)
                    await writer.drain()
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            answer = await reader.readuntil(b"\0")
        finally:
            writer.close()
        return answer.rstrip(b"\0\n").decode(errors="replace")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(CONNECT_SECONDS):
            if self._address.startswith("/"):
                return await asyncio.open_unix_connection(self._address)
            parts = urlsplit(self._address)
            return await asyncio.open_connection(parts.hostname, parts.port)
