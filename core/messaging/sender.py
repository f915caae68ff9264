"""The only loop that talks to people: claim, commit, call, commit."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from core.clock import now
from core.db import Database, ReadSession, WriteSession
from core.failpoints import failpoint_async
from core.messaging import calling, deliveries, doubts, dropping, fallback, holding, ready
from core.messaging.calling import Claimed
from core.messaging.channel import DeliveryChannel, DeliveryError
from core.messaging.deliveries import Result
from core.messaging.email import CONNECTIONS
from core.messaging.limiter import Limiter
from core.messaging.outbox import REPEATABLE
from core.messaging.probing import Suspicion
from core.messaging.ready import Due
from core.models import Channel, DeliveryState
from core.render.office import Office
from core.rules.retries import TOKEN_WAIT, Outcome, backoff
from core.wake import Topic, comes

log = structlog.get_logger(__name__)

T = TypeVar("T")

IN_FLIGHT = 64
RUSH = IN_FLIGHT // 2  # from so many calls under way a turn waits for several to come back
LOOK = 4 * IN_FLIGHT  # rows, of which some have to wait
GATHERING = 0.02  # seconds
SOON, LONGEST_NAP = 0.005, 1.0  # seconds
REPORT_PATIENCE = timedelta(minutes=2)
STRAYS_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Flight:
    """One row on its way."""

    channel: Channel
    lane: str
    task: asyncio.Task[Result]


@dataclass(frozen=True)
class Room:
    """How many calls may begin, and how many of them with the mail server: a mail that is claimed goes at once."""

    calls: int
    mails: int


class Sender:
    """Sends what the outbox holds, in order per chat. One active sender per desk.

    A turn is one transaction: how the calls that came back have ended, and which rows go next. Under load many of
    both share its commit.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[Channel, DeliveryChannel],
        limiter: Limiter,
        office: Office,
    ) -> None:
        self._database, self._office = database, office
        self._channels = channels
        self._limiter = limiter
        self._flying: dict[int, Flight] = {}
        self._suspicion = Suspicion(channels, beside=self._beside)
        self._unnamed: set[str] = set()
        self._missing = [channel for channel in Channel if channel not in channels]
        self._started = self._looked_at = now()
        self.turned_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send until ``stop``; the database being away is waited for."""
        failures = 0
        recovered = False
        while not self._stopping.is_set():
            try:
                if not recovered or await self._has_strays():
                    await self._recover()
                    recovered = True
                await self._turn()
                self.turned_at = now()
                failures = 0
            except Exception as error:
                failures += 1
                recovered = False  # a commit without an answer may have marked rows that nobody sends
                log.error("the sender lost its database, it looks again", error=repr(error), failures=failures)
                await comes(self._stopping, seconds=backoff(failures).total_seconds())
        await self._land()

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.OUTBOX])

    async def _recover(self) -> None:
        """Rows that were on their way get their one copy, but only once the other side answers."""
        async with self._database.write() as session:
            doubted = await deliveries.recover(session, now=now(), flying=self._flying)
            self._unnamed = await doubts.unnamed_lanes(session)
            await fallback.carry(session, self._unnamed, office=self._office)
            refused = await deliveries.refused(session, now=now()) if self.turned_at is None else ()
        for lane, at, until in refused:
            self._limiter.pause(lane, until=until, moment=at)
        for channel in doubted:
            self._suspicion.suspect(channel, probe_at=now())

    async def _has_strays(self) -> bool:
        """Whether rows are marked as on their way that nobody sends: PostgreSQL may end a commit of the process
        before this one after that is dead and this one has looked."""
        moment = now()
        if abs(moment - self._looked_at) < STRAYS_EVERY:
            return False
        self._looked_at = moment
        async with self._database.read() as session:
            return await deliveries.has_strays(session, flying=self._flying)

    async def _turn(self) -> None:
        moment = now()
        results = self._landed()
        room = self._room(results)
        channels = [one for one in self._suspicion.answering(moment) if one is not Channel.EMAIL or room.mails]
        if not results and not await self._has_work(channels, moment):
            await self._rest(LONGEST_NAP, moment)
            return
        await failpoint_async("send.before_mark")
        async with self._database.write() as session:
            await self._settle(session, results)
            if not results:  # found by _has_work, when the rush is over
                await holding.hold(session, self._missing)
            claimed, nap = await self._claim(session, channels, moment, room)
        if results:
            await failpoint_async("send.after_sent_commit")
        for result in results:
            del self._flying[result.row_id]
        await self._start(claimed)
        if len(self._flying) >= RUSH:
            await self._gather()
        if not self._back():
            await self._rest(nap, moment)

    async def _gather(self) -> None:
        """In a rush a turn waits for the half of the calls: the more come back, the more share its commit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHERING):
                while self._back() < len(self._flying) // 2:
                    await self._database.wake.wait(Topic.OUTBOX, seconds=GATHERING)

    def _back(self) -> int:
        return sum(flight.task.done() for flight in self._flying.values())

    async def _has_work(self, channels: Collection[Channel], moment: datetime) -> bool:
        """Looked up without the database's one writer: an idle desk writes nothing."""
        async with self._database.read() as session:
            if await self._due(session, channels, moment, limit=1):
                return True
            return bool(self._missing) and await holding.waits_for(session, self._missing)

    async def _claim(
        self, session: WriteSession, channels: Collection[Channel], moment: datetime, room: Room
    ) -> tuple[Claimed, float]:
        """What goes now, and how long to wait if nothing else happens."""
        rows = await self._due(session, channels, moment, limit=LOOK)
        if len(rows) == LOOK and sum(row.channel is Channel.EMAIL for row in rows) > room.mails:
            # most of a crowd of mails waits, and must not hide who stands behind it
            others = await self._due(session, set(channels) - {Channel.EMAIL}, moment, limit=LOOK)
            rows = list({row.id: row for row in (*rows, *others)}.values())
        overdue = {row.id for row in rows if dropping.is_overdue_answer(row.method, row.created_at, moment)}
        if overdue:
            await dropping.drop_overdue_answers(session, overdue)
        stale = {row.id for row in rows if holding.is_stale(row, moment)}
        if stale:
            await holding.hold_stale(session, stale)
        mails = {row.id for row in rows if row.channel is Channel.EMAIL}
        retracted = await dropping.not_to_be_mailed(session, mails) if mails else set()
        left = [row for row in rows if row.id not in overdue | stale | retracted]
        chosen, nap = self._choose(left, moment, room)
        claimed = await deliveries.claim(session, chosen, now=moment)
        if len(claimed) < len(chosen):  # somebody is changing the others just now
            nap = SOON
        if naming := [row for row, _ in claimed if row.lane in self._unnamed]:
            self._unnamed -= await doubts.name(session, naming, office=self._office)
        rows_now = [row for row, _ in claimed]
        marks = await doubts.marks(session, rows_now, office=self._office)
        return Claimed(claimed, await deliveries.targets(session, rows_now), marks), nap

    async def _due(
        self, session: ReadSession, channels: Collection[Channel], moment: datetime, *, limit: int
    ) -> Sequence[Due]:
        if not channels:
            return []
        waited = moment - REPORT_PATIENCE
        patience = waited if waited > self._started else None
        return await ready.due(session, now=moment, channels=channels, limit=limit, without_report=patience)

    def _choose(self, rows: Sequence[Due], moment: datetime, room: Room) -> tuple[list[int], float]:
        """What goes now, and how long to wait if nothing else happens."""
        chosen: list[int] = []
        nap, mails = LONGEST_NAP, room.mails
        for row in rows:
            if len(chosen) >= room.calls:
                return chosen, LONGEST_NAP
            if row.channel is Channel.EMAIL:
                mails -= 1
                if mails < 0:
                    continue
            wait = timedelta()
            if row.channel is Channel.TELEGRAM:
                wait = self._limiter.wait_for(row.lane, moment, counts=row.method not in REPEATABLE)
            if wait:
                nap = min(nap, wait.total_seconds())
            else:
                chosen.append(row.id)
        return chosen, max(nap, SOON)

    def _room(self, results: Collection[Result]) -> Room:
        landed = {result.row_id for result in results}
        flying = [flight.channel for row_id, flight in self._flying.items() if row_id not in landed]
        return Room(IN_FLIGHT - len(flying), CONNECTIONS - flying.count(Channel.EMAIL))

    async def _start(self, claimed: Claimed) -> None:
        if claimed.rows:
            await failpoint_async("send.after_mark")
        for row, attempt_id in claimed.rows:
            delivery = calling.delivery_of(row, claimed)
            task = self._beside(calling.call(self._channels[row.channel], delivery, attempt_id))
            self._flying[row.id] = Flight(row.channel, row.lane, task)

    def _landed(self) -> list[Result]:
        """How the calls that came back have ended; what they teach is minded from now on."""
        results = [flight.task.result() for flight in self._flying.values() if flight.task.done()]
        for result in results:
            if result.error is not None:
                self._learn(self._flying[result.row_id], result, result.error)
        return results

    async def _settle(self, session: WriteSession, results: Collection[Result]) -> None:
        """What a chat did not take is carried by e-mail, and what it may not have is named by the next push."""
        failed = await deliveries.settle(session, results)
        lost = [row for row in failed if row.channel is Channel.TELEGRAM and row.state in fallback.NOT_TAKEN]
        self._unnamed |= {row.lane for row in lost if row.state is DeliveryState.UNCERTAIN}
        if lost:
            await fallback.carry(session, {row.lane for row in lost}, office=self._office)
        if results:
            await failpoint_async("send.before_sent_commit")

    def _learn(self, flight: Flight, result: Result, error: DeliveryError) -> None:
        log.warning("a delivery did not end well", row=result.row_id, outcome=error.outcome, detail=error.detail)
        if flight.channel is Channel.WEBHOOK:
            return  # one address says nothing about the others
        if error.outcome is Outcome.REFUSED:
            until = result.at + timedelta(seconds=error.retry_after or 1)
            self._limiter.pause(flight.lane, until=until, moment=result.at)
        elif error.outcome in {Outcome.DOUBTFUL, Outcome.NOT_SENT, Outcome.TOKEN}:
            pause = TOKEN_WAIT if error.outcome is Outcome.TOKEN else timedelta()
            self._suspicion.suspect(flight.channel, probe_at=result.at + pause)

    def _beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start it; the loop looks again when it is done."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._database.wake.ring([Topic.OUTBOX]))
        return task

    async def _rest(self, seconds: float, moment: datetime) -> None:
        """Until something is put into the outbox, a call comes back, or the time is over."""
        self._limiter.forget_idle(moment)
        await self._database.wake.wait(Topic.OUTBOX, seconds=seconds)

    async def _land(self, patience: float = 5) -> None:
        """At the end, wait for calls under way and note how they ended; the rest is found at the next start."""
        under_way: set[asyncio.Task[Any]] = {flight.task for flight in self._flying.values()}
        if under_way:
            await asyncio.wait(under_way, timeout=patience)
        results = self._landed()
        late = [task for task in (*under_way, *self._suspicion.tasks) if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if results:
            async with self._database.write() as session:
                await self._settle(session, results)
