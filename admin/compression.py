"""Text goes out compressed to whoever takes it so; what is a file, a stream or small already stays as it is."""

import gzip
import secrets
import zlib
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin.headers import is_static

SMALL = 1000  # bytes, below which it is not worth it
FAST, SMALLEST = 3, 9  # a page is made each time, a static file is compressed once
NOISE = 100  # bytes, at most
TEXTS = frozenset(
    {"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json", "application/problem+json"}
)


class Compressed:
    """Compresses answers that come in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[bytes, bytes] = {}  # static files: as they are, and compressed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        takes_it = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        held: Message | None = None

        async def send_small(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_text(message):
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
                if takes_it:
                    held = message  # its length is known with the body
                    return
            elif held is not None and message["type"] == "http.response.body":
                start, held = held, None
                if not message.get("more_body") and len(message.get("body", b"")) >= SMALL:
                    message = {**message, "body": self._packed(scope, start["status"], message["body"])}
                    _say_so(start, len(message["body"]))
                await send(start)
            await send(message)

        await self.app(scope, receive, send_small)

    def _packed(self, scope: Scope, status: int, body: bytes) -> bytes:
        if not is_static(scope) or status != 200:
            return noisy(body)
        if body not in self._kept:
            self._kept[body] = gzip.compress(body, SMALLEST, mtime=0)
        return self._kept[body]


def noisy(body: bytes) -> bytes:
    """Compressed, with a comment of a random length.

    How well a page compresses would tell somebody who watches the wire whether words of an address he made stand in
    the page, too (BREACH); the comment hides it among the lengths of many tries, as Django does it.
    """
    packer = zlib.compressobj(FAST, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(body) + packer.flush()
    comment = secrets.token_hex(NOISE)[: 1 + secrets.randbelow(NOISE)].encode() + b"\0"
    end = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEAD + comment + packed + end


_HAS_COMMENT = 16
_HEAD = bytes((0x1F, 0x8B, 8, _HAS_COMMENT, 0, 0, 0, 0, 0, 255))  # RFC 1952, without a time and a system


def _is_text(start: Message) -> bool:
    headers: Mapping[str, str] = Headers(raw=start["headers"])
    is_whole = start["status"] not in {204, 206, 304} and "content-disposition" not in headers
    kind = headers.get("content-type", "").partition(";")[0]
    return is_whole and kind in TEXTS and "content-encoding" not in headers


def _say_so(start: Message, length: int) -> None:
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(length)
    if "etag" in headers:
        headers["ETag"] = "W/" + headers["etag"].removeprefix("W/")  # the same words, not the same bytes
