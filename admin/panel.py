"""What every page gets: the panel it belongs to, and the visit of the technician who asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.responses import HTMLResponse

from admin.live import BAR, Live
from admin.watch import Watch
from core.db import Database
from core.i18n import Translator
from core.messaging.store import FileStore
from core.models import Alarm, Appointment, Technician, Timer
from core.queries import changes
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
    uploading: set[int] = field(default_factory=set)  # ids of the links whose file is coming in right now

    @property
    def t(self) -> Translator:
        return self.office.t

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page that may be seen without a log-in (``visit`` is None unless given)."""
        return HTMLResponse(self.text(template, **values), status_code=status)

    def text(self, template: str, **values: Any) -> str:
        context = {"visit": None, **values, "t": self.t, "plural": self.t.plural, "office": self.office}
        return self.templates.get_template(template).render(context)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around every page.

    ``calls``: those agreed for about now that this technician has to make.
    ``troubles``: deliveries and updates that need a person, for who may act on them; else 0.
    """

    troubles: int = 0
    alarms: Sequence[Alarm] = ()
    timers: Sequence[Timer] = ()
    calls: Sequence[Appointment] = ()


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

    def page(
        self, template: str, *, status: int = 200, stamps: Mapping[str, object] = _NOTHING, **values: Any
    ) -> PageAnswer:
        """Completed by the route, with what stands around it. ``stamps``: of what changes by itself."""

        def write(around: Surroundings) -> str:
            bar = changes.of_bar(around.troubles, around.alarms)
            stream = f"/live?{urlencode({BAR: bar, **stamps})}"
            return self.panel.text(template, visit=self, around=around, stream=stream, **values)

        return PageAnswer(write, status=status)
