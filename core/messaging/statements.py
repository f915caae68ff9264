"""Draws the statements asked for in the chat, once each, and puts the document into the outbox."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.clock import now
from core.db import Database, ReadSession
from core.messaging import letterhead, outbox, parting
from core.messaging.drawer import Drawer
from core.messaging.store import FileStore
from core.models import IN_FORCE, Binding, Company, StatementOrder
from core.render import sheets, statement_pdf, telegram
from core.render import statement as words
from core.render.office import Office
from core.render.statement import Statement
from core.rules.identity import Sight, may_see
from core.rules.periods import Period, month
from core.rules.statements import MEDIA_TYPES, StatementForm
from core.wake import Topic

log = structlog.get_logger(__name__)

AT_ONCE = 20

Read = Callable[[ReadSession, Company, Period], Awaitable[Statement]]


class StatementDrawer(Drawer):
    """One of it runs, beside the sender: the order of a chat's documents is that of the orders."""

    topic = Topic.STATEMENTS

    def __init__(self, database: Database, store: FileStore, office: Office, *, read: Read) -> None:
        super().__init__(database)
        self._store, self._office, self._read = store, office, read
        self._undrawable: set[int] = set()

    async def draw_pending(self) -> int:
        """A statement that cannot be drawn is logged and left out until the next start."""
        async with self._database.read() as session:
            orders = await _waiting(session, self._undrawable)
        drawn = 0
        for order in orders:
            statement = await self._statement(order)
            content = await self._draw(order, statement) if statement else None
            if statement is not None and content is None:
                self._undrawable.add(order.id)
                continue
            await self._finish(order, statement, content)
            drawn += 1
        return drawn

    async def _statement(self, order: StatementOrder) -> Statement | None:
        """None where the person may not see the company's account any more."""
        span = month(order.month, self._office.t.timezone)
        async with self._database.read() as session:
            if span is None or not await _may_see(session, order):
                return None
            return await self._read(session, order.company, span)

    async def _draw(self, order: StatementOrder, statement: Statement) -> bytes | None:
        t = self._office.translators[order.person.reads]
        if order.form is StatementForm.CSV:
            return sheets.as_csv(words.rows(statement, t))
        async with self._database.read() as session:
            office = await letterhead.read(session, self._office)
        logo = await letterhead.picture(self._store, office.logo.sha256 if office.logo else None)
        for reduced in (False, True):
            try:
                return await asyncio.to_thread(
                    statement_pdf.draw, statement, office=office, t=t, logo=logo, reduced=reduced
                )
            except Exception as error:
                # whatever a name does to the drawing, the statements of others go on
                log.error("a statement cannot be drawn", order=order.id, reduced=reduced, error=repr(error)[:300])
        return None

    async def _finish(self, order: StatementOrder, statement: Statement | None, content: bytes | None) -> None:
        stored = await self._store.put(content) if content is not None else None
        async with self._database.write() as session:
            kept = await session.get_one(StatementOrder, order.id, with_for_update=True)
            kept.done_at = now()
            await parting.stay(session, order.company_id)
            # a log-out may have come while it was drawn
            if stored is None or statement is None or not await _may_see(session, order):
                return
            kept.file_name, kept.sha256 = words.file_name(statement, order.form), stored.sha256
            payload = self._payload(order, statement, kept)
            about = outbox.Subject(company_id=order.company_id)
            row = await outbox.put(session, order.person.telegram_id, "sendDocument", payload, about=about)
            kept.outbox_id = row.id

    def _payload(self, order: StatementOrder, statement: Statement, kept: StatementOrder) -> dict[str, Any]:
        t = self._office.translators[order.person.reads]
        said = t(
            "Statement of %(month)s, %(company)s", month=t.month(statement.period.first), company=statement.company
        )
        file = {"sha256": kept.sha256, "name": kept.file_name, "media_type": MEDIA_TYPES[order.form]}
        return {"document": file, "caption": telegram.plain(said), "parse_mode": "HTML"}


async def _waiting(session: ReadSession, without: set[int]) -> Sequence[StatementOrder]:
    query = (
        select(StatementOrder)
        .where(StatementOrder.done_at.is_(None), StatementOrder.id.not_in(without))
        .options(joinedload(StatementOrder.company), joinedload(StatementOrder.person))
        .order_by(StatementOrder.id)
        .limit(AT_ONCE)
    )
    return (await session.scalars(query)).all()


async def _may_see(session: ReadSession, order: StatementOrder) -> bool:
    binding = await session.scalar(
        select(Binding)
        .where(Binding.person_id == order.person_id, Binding.company_id == order.company_id, IN_FORCE)
        .limit(1)
    )
    return binding is not None and may_see(binding.level, Sight.ACCOUNT)
