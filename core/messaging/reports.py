"""Draws the reports of new closings, once each, after their commit; what waits for them may then go."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select, update

from core.db import Database, ReadSession
from core.i18n import Translator
from core.messaging import letterhead
from core.messaging.drawer import Drawer
from core.messaging.store import FileStore, Stored
from core.models import Report
from core.render.report import ReportSnapshot, from_json
from core.render.report_pdf import draw
from core.wake import Topic

log = structlog.get_logger(__name__)

AT_ONCE = 50  # reports of one look


@dataclass(frozen=True)
class _Pending:
    id: int
    snapshot: dict[str, Any]
    sha256: str


class ReportDrawer(Drawer):
    """The loop behind the reports. Several may run: the bytes stored first are the report."""

    topic = Topic.REPORTS

    def __init__(self, database: Database, store: FileStore, translator: Translator) -> None:
        super().__init__(database)
        self._store = store
        self._translator = translator
        self._undrawable: set[int] = set()

    async def draw_pending(self) -> int:
        """Draw what has no PDF yet, at most AT_ONCE; returns how many reports this call drew.

        A report that cannot be drawn is logged and left out until the next start. Raises what database
        and store raise.
        """
        async with self._database.read() as session:
            pending = await _pending(session, self._undrawable)
        drawn = 0
        for report in pending:
            pdf = await self._draw(report)
            if pdf is None:
                self._undrawable.add(report.id)
                continue
            drawn += await self._keep(report, await self._store.put(pdf))
        return drawn

    async def _draw(self, report: _Pending) -> bytes | None:
        snapshot = _read(report)
        if snapshot is None:
            return None
        sha256, t = report.sha256, self._translator
        logo = await letterhead.picture(self._store, snapshot.desk.logo)
        for reduced in (False, True):
            try:
                return await asyncio.to_thread(draw, snapshot, sha256=sha256, t=t, logo=logo, reduced=reduced)
            except Exception as error:
                # whatever a text does to the drawing, the reports of others go on
                log.error("a report cannot be drawn", report=report.id, reduced=reduced, error=repr(error)[:300])
        return None

    async def _keep(self, report: _Pending, pdf: Stored) -> bool:
        async with self._database.write() as session:
            named = await session.scalars(
                update(Report)
                .where(Report.id == report.id, Report.pdf_sha256.is_(None))
                .values(pdf_sha256=pdf.sha256, pdf_size=pdf.size)
                .returning(Report.id)
            )
            session.wake(Topic.OUTBOX)
            return named.first() is not None


async def draw_pending(database: Database, store: FileStore, translator: Translator) -> int:
    """One look of the loop: returns how many reports were drawn."""
    return await ReportDrawer(database, store, translator).draw_pending()


async def pdf_sha256(database: Database, report_id: int) -> str:
    """The hash of a drawn report's bytes. Raises LookupError while it is not drawn."""
    async with database.read() as session:
        sha256 = await session.scalar(select(Report.pdf_sha256).where(Report.id == report_id))
    if sha256 is None:
        raise LookupError(f"report {report_id} is not drawn yet")
    return sha256


async def _pending(session: ReadSession, without: set[int]) -> Sequence[_Pending]:
    rows = await session.execute(
        select(Report.id, Report.snapshot, Report.snapshot_sha256)
        .where(Report.pdf_sha256.is_(None), Report.id.not_in(without))
        .order_by(Report.id)
        .limit(AT_ONCE)
    )
    return [_Pending(*row) for row in rows]


def _read(report: _Pending) -> ReportSnapshot | None:
    try:
        return from_json(report.snapshot)
    except Exception as error:
        # whatever is wrong with what was kept, the reports of others go on
        log.error("a report's snapshot cannot be read", report=report.id, error=repr(error)[:300])
        return None
