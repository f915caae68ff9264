"""The name, addresses and logo the desk has given itself, read wherever they are about to be shown."""

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db import ReadSession
from core.messaging.store import FileStore
from core.models import Desk, DeskLogo
from core.render.office import Logo, Office

log = structlog.get_logger(__name__)

FIELDS = ("name", "email", "phone", "url", "address")


async def read(session: ReadSession, office: Office) -> Office:
    """The office as it is now: what the desk has not written itself stays as in its settings."""
    return under((await session.execute(_letterhead())).one(), office)


@cache
def _letterhead() -> Select[*tuple[Any, ...]]:
    """Asked for every page and every turn, so it is put together once."""
    return on_desk(select(*columns()).select_from(Desk).where(Desk.id == 1))


def columns() -> Sequence[InstrumentedAttribute[Any]]:
    """Part of a question that is asked anyway: ``under`` reads them."""
    return (*(getattr(Desk, name) for name in FIELDS), DeskLogo.sha256, DeskLogo.width, DeskLogo.height)


def on_desk(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(DeskLogo, DeskLogo.sha256 == Desk.logo_sha256)


def under(row: Sequence[Any], office: Office) -> Office:
    """The office with what stands in the row of ``columns``."""
    *written, sha256, width, height = row
    given = {name: words for name, words in zip(FIELDS, written, strict=True) if words}
    return dataclasses.replace(office, **given, logo=Logo(sha256, width, height) if sha256 else None)


async def picture(store: FileStore, sha256: str | None) -> bytes | None:
    """The bytes of a logo. A letter goes out without one that the store has lost."""
    if not sha256:
        return None
    try:
        return await store.read(sha256)
    except FileNotFoundError:
        log.error("a logo is not in the store", sha256=sha256)
        return None
