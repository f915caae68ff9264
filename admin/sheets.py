"""The style sheets as one: a page waits for a single answer before it is shown."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
PARTS: Sequence[str] = ("tokens.css", "frame.css", "parts.css", "panel.css")  # in this order
TOGETHER = "all.css"


@cache
def content(name: str) -> bytes:
    """What is served under this name in ``/static``."""
    return b"".join((STATIC / part).read_bytes() for part in (PARTS if name == TOGETHER else (name,)))


async def serve(request: Request) -> Response:
    return Response(content(TOGETHER), media_type="text/css")
