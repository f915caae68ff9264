"""The bar of who is logged in, drawn: it is the same on page after page."""

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment

from core.i18n import Translator
from core.render.office import Logo
from core.rules.permissions import Permission, Role, allows

KEPT = 200  # bars, four kilobytes each


@dataclass(frozen=True, slots=True)
class Bar:
    """All that the bar follows from: while it is the same, so is the bar.

    ``desk``: its name; ``name``: who is logged in; ``troubles``: as what stands around a page has them; ``here``:
    where one is; ``asked``: what is searched for.
    """

    desk: str
    logo: Logo | None
    name: str
    role: Role
    csrf_token: str
    troubles: int
    here: str
    asked: str

    def may(self, permission: str) -> bool:
        return allows(self.role, Permission(permission))


@lru_cache(KEPT)
def draw(templates: Environment, t: Translator, bar: Bar) -> str:
    """As HTML; the template gets nothing else, so that what is kept cannot be out of date."""
    return templates.get_template("_bar.html").render(t=t, plural=t.plural, bar=bar)
