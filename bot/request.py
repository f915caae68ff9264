"""python-telegram-bot's calls over aiohttp: a fifth of the processor time of its own HTTP client (decision 9)."""

import asyncio
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from core import failpoints
from core.failpoints import failpoint

CONNECT_SECONDS = 10.0
URL_ENCODED = "application/x-www-form-urlencoded"
WRITE_SECONDS = 60.0  # a report or a file on a slow line

# What went wrong before anything of the request was written.
NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class AiohttpRequest(BaseRequest):
    """At most ``connections`` at once to the Bot API; an answer is awaited ``read_timeout`` seconds."""

    def __init__(self, *, connections: int, read_timeout: float, certificates: ssl.SSLContext) -> None:
        self._connections, self._read_timeout, self._certificates = connections, read_timeout, certificates
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, ssl=self._certificates, ttl_dns_cache=60)
            headers = {"User-Agent": self.USER_AGENT}
            traces = [_telling_what_is_written()] if failpoints.is_armed("send.after_write") else []
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=traces,
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises TimedOut or NetworkError, whose cause tells whether anything left."""
        assert self._session is not None, "initialize() first"
        read = self._read_timeout if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        times = aiohttp.ClientTimeout(
            total=2 * CONNECT_SECONDS + WRITE_SECONDS + read,
            connect=2 * CONNECT_SECONDS,
            sock_connect=CONNECT_SECONDS,
            sock_read=read,
        )
        try:
            form, headers = _form(request_data)
            proxy = _proxy(*urlsplit(url)[:2])
            async with self._session.request(
                method, url, data=form, headers=headers, timeout=times, proxy=proxy
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            # aiohttp's own words may hold the address, and with it the token
            raise NetworkError(type(error).__name__) from error


@cache
def _proxy(scheme: str, host: str) -> str | None:
    """What the environment says; aiohttp would read it anew for every call, and a .netrc file besides."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _telling_what_is_written() -> aiohttp.TraceConfig:
    async def write(_session: object, _context: object, about: aiohttp.TraceRequestChunkSentParams) -> None:
        # aiohttp tells just before it writes; a turn of the loop later the bytes have left, and no answer is read
        if about.url.name.startswith("send"):
            asyncio.get_running_loop().call_soon(failpoint, "send.after_write")

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(write)
    return trace


def _form(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    """The body and the headers that say what it is."""
    if request_data is None:
        return None, {}
    if not request_data.contains_files:
        return request_data.url_encoded_parameters().encode(), {"Content-Type": URL_ENCODED}
    form = aiohttp.FormData(quote_fields=False)  # names of files are read as they are, not percent-decoded
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form, {}
