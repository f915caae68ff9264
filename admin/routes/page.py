"""One line of the tables: an address, what shows it, and who may ask for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from admin.auth import Entrance
from admin.panel import Panel, Visit
from core.rules.permissions import Permission

StaffPage = Callable[[Request, Visit], Awaitable[Response]]
OpenPage = Callable[[Request, Panel], Awaitable[Response]]

# the ends of addresses that a technician's own page and that of all technicians share
SESSION, TOKEN = "sessions/{session:number}", "tokens/{issued:number}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page for everybody gets the panel, every other one the visit. One that needs None does not start.

    ``keeps_session``: the page reads in the session its log-in was found in, and in no other beside it.
    """

    method: str
    path: str
    show: StaffPage | OpenPage
    needs: Permission | Entrance | None
    keeps_session: bool = False

    @property
    def takes_the_rest(self) -> bool:
        """Whether it answers whatever of its kind has no page of its own."""
        return self.path.endswith("/{form:path}")


class NumberConvertor(IntegerConvertor):
    """A number the database can have; a longer one is no page."""

    regex = "[0-9]{1,9}"


class IdentityConvertor(IntegerConvertor):
    """A number Telegram gave: up to 18 digits."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", NumberConvertor())
register_url_convertor("identity", IdentityConvertor())
