"""What every page gets: the panel it belongs to, and the visit of the technician who asks."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.responses import HTMLResponse

from admin.bar import Bar, draw
from admin.live import BAR, WORK, Live
from admin.watch import Watch
from core.db import Database, ReadSession
from core.i18n import Translator
from core.messaging.store import FileStore
from core.models import Technician
from core.queries import changes
from core.queries.around import Surroundings
from core.render.office import Office
from core.rules.permissions import Permission, allows

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True)
class Panel:
    """One panel: its database, files, words, and the key its own tokens are signed with."""

    database: Database
    office: Office
    store: FileStore
    secret: bytes
    https: bool
    templates: Environment
    watch: Watch
    live: Live
    needs_second_factor: bool = False
    installed: Office | None = None  # as the settings of the process have it, where ``office`` is the one of now
    uploading: set[int] = field(default_factory=set)  # ids of the links whose file is coming in right now

    @property
    def t(self) -> Translator:
        return self.office.t

    def under(self, office: Office) -> Self:
        """The panel as it is for one request: with the name and logo the desk has now."""
        return replace(self, office=office, installed=self.installed or self.office)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page that may be seen without a log-in (``visit`` is None unless given)."""
        return HTMLResponse(self.text(template, **values), status_code=status)

    def text(self, template: str, **values: Any) -> str:
        context = {"visit": None, **values, "t": self.t, "plural": self.t.plural, "office": self.office}
        return self.templates.get_template(template).render(context)


class PageAnswer(HTMLResponse):
    """A page that is written down last: what stands around it is read only where a page is shown."""

    def __init__(self, write: Callable[[Surroundings], str], *, status: int) -> None:
        super().__init__(status_code=status)
        self._write = write

    def complete(self, around: Surroundings) -> None:
        self.body = self.render(self._write(around))
        self.headers["content-length"] = str(len(self.body))


@dataclass(frozen=True)
class Visit:
    """A technician who is logged in, on one request."""

    panel: Panel
    technician: Technician
    session_id: int
    csrf_token: str
    around: Surroundings | None = None
    session: ReadSession | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """The session the log-in was found in, where the page ``keeps_session``; else one of its own."""
        if self.session is not None:
            yield self.session
            return
        async with self.database.read() as session:
            yield session

    @property
    def t(self) -> Translator:
        return self.panel.t

    @property
    def database(self) -> Database:
        return self.panel.database

    @property
    def office(self) -> Office:
        return self.panel.office

    def may(self, permission: str) -> bool:
        """Whether to show what needs this permission; the actions ask again."""
        return allows(self.technician.role, Permission(permission))

    def bar(self, around: Surroundings, here: str, asked: str) -> str:
        """What stands above each page, as HTML."""
        who, office = self.technician, self.office
        shown = Bar(office.name, office.logo, who.name, who.role, self.csrf_token, around.troubles, here, asked)
        return draw(self.panel.templates, self.t, shown)

    def page(
        self, template: str, *, status: int = 200, stamps: Mapping[str, object] = _NOTHING, **values: Any
    ) -> PageAnswer:
        """Completed by the route, with what stands around it. ``stamps``: of what changes by itself."""

        def write(around: Surroundings) -> str:
            bar = changes.of_bar(around.troubles, around.alarms)
            work = {WORK: around.come} if self.may("see_tickets") else {}
            stream = f"/live?{urlencode({BAR: bar, **work, **stamps})}"
            return self.panel.text(template, visit=self, around=around, stream=stream, **values)

        return PageAnswer(write, status=status)
