"""The desk decides under which name, addresses and logo it writes."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from core.actions import desk_settings
from core.actions.desk_settings import Fields
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.messaging.letterhead import FIELDS
from core.models import Desk, DeskLogo, Technician
from core.rules.identity import read_address

LONGEST: Mapping[str, int] = {"name": 60, "email": 200, "phone": 60, "url": 200, "address": 200}


async def write(session: WriteSession, actor: Technician, wanted: Fields, *, seen: Fields) -> None:
    """All fields at once; an empty one goes by the desk's settings again.

    Raises InvalidError, StaleError, ForbiddenError.
    """
    await desk_settings.begin(session, actor)
    before = await written(session)
    desk_settings.refuse_stale(seen, before)
    after = {name: _checked(name, wanted.get(name, "")) for name in FIELDS}
    desk = await session.get_one(Desk, 1)
    for name, words in after.items():
        setattr(desk, name, words or None)
    await session.flush()
    desk_settings.note(session, actor, "desk", before=before, after=after)


async def written(session: ReadSession) -> Fields:
    """What the desk has written itself, as the form has it."""
    desk = await session.get_one(Desk, 1)
    return {name: getattr(desk, name) or "" for name in FIELDS}


async def set_logo(session: WriteSession, actor: Technician, logo: DeskLogo | None, *, seen: str) -> None:
    """The logo from now on, whose bytes are in the store; None for none. ``seen``: the SHA-256 of the one it
    replaces, empty for none. Raises StaleError, ForbiddenError.
    """
    await desk_settings.begin(session, actor)
    desk = await session.get_one(Desk, 1)
    desk_settings.refuse_stale({"logo": seen}, {"logo": desk.logo_sha256 or ""})
    before = await session.get(DeskLogo, desk.logo_sha256) if desk.logo_sha256 else None
    if logo is not None and await session.get(DeskLogo, logo.sha256) is None:
        session.add(logo)
    desk.logo_sha256 = logo.sha256 if logo else None
    await session.flush()
    desk_settings.note(session, actor, "desk", before={"logo": _named(before)}, after={"logo": _named(logo)})


def new_logo(sha256: str, *, file_name: str, width: int, height: int) -> DeskLogo:
    return DeskLogo(sha256=sha256, file_name=file_name[:80], width=width, height=height, added_at=now())


def _named(logo: DeskLogo | None) -> str:
    return f"{logo.file_name} ({logo.sha256[:12]})" if logo else ""


def _checked(name: str, words: str) -> str:
    words = " ".join(words.split())
    if len(words) > LONGEST[name]:
        raise InvalidError(N_("At most %(n)s characters."), field=name, n=LONGEST[name])
    if words and name in _RULES:
        is_right, problem = _RULES[name]
        if not is_right(words):
            raise InvalidError(problem, field=name)
    return words


def _is_web_address(words: str) -> bool:
    try:
        parts = urlsplit(words)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in words


_RULES: Mapping[str, tuple[Callable[[str], object], str]] = {
    "email": (read_address, N_("Write an e-mail address such as soporte@example.org.")),
    "url": (_is_web_address, N_("Write an address such as https://example.org.")),
}
