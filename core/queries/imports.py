"""Lists of companies as the panel shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import CompanyImport, CompanyImportLine

PAGE = 100
SAMPLE = 5
LATEST = 10


@dataclass(frozen=True, slots=True)
class Look:
    """Lines somebody should look at; ``next`` is the position to go on behind, 0 at the end."""

    lines: Sequence[CompanyImportLine]
    next: int


async def by_id(session: ReadSession, import_id: int, *, lock: bool = False) -> CompanyImport:
    """Raises NotFoundError."""
    query = select(CompanyImport).where(CompanyImport.id == import_id).options(joinedload(CompanyImport.technician))
    if lock:
        query = query.with_for_update(of=CompanyImport)
    found = await session.scalar(query)
    if found is None:
        raise NotFoundError
    return found


async def latest(session: ReadSession) -> Sequence[CompanyImport]:
    query = select(CompanyImport).options(joinedload(CompanyImport.technician)).order_by(CompanyImport.id.desc())
    return (await session.scalars(query.limit(LATEST))).all()


async def to_look_at(session: ReadSession, kept: CompanyImport, *, after: int) -> Look:
    """Lines with a problem, a doubt, or of a company the desk has, in the order of the file."""
    query = select(CompanyImportLine).where(
        CompanyImportLine.import_id == kept.id,
        CompanyImportLine.needs_a_look,
        CompanyImportLine.position > after,
    )
    found = (await session.scalars(query.order_by(CompanyImportLine.position).limit(PAGE + 1))).all()
    return Look(found[:PAGE], found[PAGE - 1].position if len(found) > PAGE else 0)


async def sample(session: ReadSession, kept: CompanyImport) -> Sequence[CompanyImportLine]:
    """The first lines without anything to say of them: whether every column was read as what it is."""
    query = select(CompanyImportLine).where(
        CompanyImportLine.import_id == kept.id, CompanyImportLine.needs_a_look.is_(False)
    )
    return (await session.scalars(query.order_by(CompanyImportLine.position).limit(SAMPLE))).all()
