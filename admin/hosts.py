"""The panel answers under its own names only: a page of somebody else's name must not be fed with ours."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from admin.panel import Panel
from core.i18n import N_

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PROBED = frozenset({"/livez", "/readyz", "/metrics"})  # machines ask by address
FOREIGN = N_("The panel is not reached under the name %(host)s. Whoever runs the desk sets PUBLIC_URL to this name.")


_NAMED = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:@/\\\[\]]+))(?::\d{1,5})?")


def name_of(host: str) -> str:
    """``Example.org:8000``, as a Host header has it, → ``example.org``; empty for anything else."""
    found = _NAMED.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


class OwnHosts:
    """Refuses requests for other names than ``hosts`` with a page that says so."""

    def __init__(self, app: ASGIApp, *, panel: Panel, hosts: Collection[str]) -> None:
        self._app, self._panel = app, panel
        self._hosts = LOOPBACK | {urlsplit(host).hostname or name_of(host) for host in hosts} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBED:
            await self._app(scope, receive, send)
            return
        host = name_of(Headers(scope=scope).get("host", ""))
        if host in self._hosts:
            await self._app(scope, receive, send)
            return
        text = self._panel.t(FOREIGN, host=host or "–")
        answer = self._panel.page("error/page.html", status=400, code=400, text=text)
        await answer(scope, receive, send)
