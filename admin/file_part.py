"""The file of a form as it comes in, without a copy in between: only what is being written is in memory."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from admin.errors import TooLargeError

AROUND = 64 * 1024  # bytes of a form besides its file
IDLE_SECONDS = 60


class BrokenOffError(Exception):
    """The line broke, or what came is no form with a file."""


class FilePart:
    """The field ``file`` of a form of at most ``cap`` bytes and what stands around them."""

    def __init__(self, request: Request, *, cap: int) -> None:
        self.name = ""
        self._cap = cap
        self._stream = request.stream()
        self._pieces: list[bytes] = []
        self._field = self._value = self._disposition = b""
        self._is_file = self._has_started = self._has_ended = False
        _, options = parse_options_header(request.headers.get("content-type", ""))
        self._parser = MultipartParser(
            options.get(b"boundary", b"-"),
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_end": self._on_end,
            },
        )

    @classmethod
    async def of(cls, request: Request, *, cap: int) -> Self:
        """The file with its name known and its first bytes here. Raises TooLargeError, BrokenOffError."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > cap + AROUND:
            raise TooLargeError
        part = cls(request, cap=cap + AROUND)
        while not part._has_started and not part._has_ended:
            await part._feed()
        return part

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes of the file to its end. Raises TooLargeError, BrokenOffError."""
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            if self._has_ended:
                return
            await self._feed()

    async def _feed(self) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(self._stream)
            self._cap -= len(chunk)
            if self._cap < 0:
                raise TooLargeError
            if chunk:
                self._parser.write(chunk)
        except (ClientDisconnect, StopAsyncIteration, TimeoutError, FormParserError) as error:
            raise BrokenOffError from error

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_file = options.get(b"name") == b"file" and not self._has_started
        if self._is_file:
            self._has_started = True
            self.name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._pieces.append(data[start:end])

    def _on_end(self) -> None:
        self._has_ended = True
