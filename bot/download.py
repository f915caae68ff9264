"""A file of Telegram as a stream of bytes, cut off when it takes too long."""

from collections.abc import AsyncGenerator

import aiohttp

from bot.client import certificates

CHUNK = 256 * 1024
TIMES = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=30)  # seconds; 20 MB at 35 KB/s is 10 minutes


class DownloadError(Exception):
    """The bytes did not come, or not all of them. Says nothing about the address, which holds the bot's token."""


def open_session(*, times: aiohttp.ClientTimeout = TIMES) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=certificates()),
        timeout=times,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        trust_env=True,
    )


async def chunks(
    session: aiohttp.ClientSession, address: str, *, expected: int | None
) -> AsyncGenerator[bytes, None]:
    """The bytes as they come, ``expected`` of them where the answer itself does not say how many.

    Raises DownloadError.
    """
    received = 0
    try:
        async with session.get(address, allow_redirects=False) as answer:
            if answer.status != 200:
                raise DownloadError(f"HTTP {answer.status}")
            async for chunk in answer.content.iter_chunked(CHUNK):
                received += len(chunk)
                yield chunk
            tells_its_end = "Content-Length" in answer.headers or "Transfer-Encoding" in answer.headers
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DownloadError(type(error).__name__) from None
    if expected is not None and received < expected and not tells_its_end:
        raise DownloadError("broke off")
