"""What every page gets: the panel it belongs to, and the visit of the technician who asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from starlette.responses import HTMLResponse

from admin.watch import Watch
from core.db import Database
from core.i18n import Translator
from core.messaging.store import FileStore
from core.models import Alarm, Technician, Timer
from core.render.office import Office
from core.rules.permissions import Permission, allows


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
    uploading: set[int] = field(default_factory=set)  # ids of the links whose file is coming in right now

    @property
    def t(self) -> Translator:
        return self.office.t

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page that may be seen without a log-in (``visit`` is None unless given)."""
        context = {"visit": None, **values, "t": self.t, "plural": self.t.plural, "office": self.office}
        return HTMLResponse(self.templates.get_template(template).render(context), status_code=status)


@dataclass(frozen=True)
class Visit:
    """A technician who is logged in, on one request.

    ``troubles``: deliveries and updates that need a person, for who may act on them; else 0.
    """

    panel: Panel
    technician: Technician
    session_id: int
    csrf_token: str
    troubles: int = 0
    alarms: Sequence[Alarm] = ()
    timers: Sequence[Timer] = ()

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

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        return self.panel.page(template, status=status, visit=self, **values)
