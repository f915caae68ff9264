"""What /readyz and /metrics are answered from: whether the database takes writes, how the desk is, its figures."""

import asyncio
import hmac
import time
from collections.abc import Sequence

import structlog

from core.actions import heartbeats
from core.clock import now
from core.db import Database
from core.models import Beat
from core.queries import health
from core.queries.figures import Figures, figures
from core.queries.health import Watched
from core.rules import readiness
from core.rules.alarms import Facts
from core.rules.readiness import Finding

log = structlog.get_logger(__name__)

PROBE_REST = 5.0


class Watch:
    """One panel's view of the whole desk. ``patience``: seconds the database may take for an answer."""

    def __init__(
        self, database: Database, watched: Watched, *, metrics_token: str = "", patience: float = 3.0
    ) -> None:
        self._database, self._watched, self._patience = database, watched, patience
        self._metrics_token = metrics_token.encode()
        self._probe: asyncio.Task[None] | None = None
        self._probed_at = 0.0

    async def findings(self) -> Sequence[Finding]:
        """All that belongs to being ready, the database first."""
        takes_writes, facts = await asyncio.gather(self._takes_writes(), self._facts())
        found = [readiness.database(takes_writes=takes_writes)]
        return [*found, *(readiness.findings(facts, now()) if facts else [readiness.unreadable()])]

    async def figures(self) -> tuple[Facts, Figures]:
        async with self._database.read() as session:
            facts = await health.facts(session, self._watched, moment=now())
            return facts, await figures(session)

    @property
    def has_metrics(self) -> bool:
        return bool(self._metrics_token)

    def may_see_metrics(self, authorization: str) -> bool:
        """Whether the header brings the token."""
        scheme, _, token = authorization.partition(" ")
        given = token.strip().encode(errors="replace")
        return self.has_metrics and scheme.lower() == "bearer" and hmac.compare_digest(given, self._metrics_token)

    async def _facts(self) -> Facts | None:
        try:
            async with asyncio.timeout(self._patience), self._database.read() as session:
                return await health.facts(session, self._watched, moment=now())
        except Exception as error:
            log.warning("how the desk is cannot be read", error=type(error).__name__)
            return None

    async def _takes_writes(self) -> bool:
        """By one tiny write every few seconds, however many ask; one that hangs is waited for, not repeated."""
        is_old = time.monotonic() - self._probed_at >= PROBE_REST
        if self._probe is None or (self._probe.done() and is_old):
            self._probe, self._probed_at = asyncio.create_task(self._write()), time.monotonic()
        done, _ = await asyncio.wait({self._probe}, timeout=self._patience)
        return bool(done) and self._probe.exception() is None

    async def _write(self) -> None:
        async with self._database.write() as session:
            await heartbeats.note(session, Beat.PROBE)
