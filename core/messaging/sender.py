"""The only loop that talks to people: claim, commit, call, commit."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from core.clock import now
from core.db import Database, WriteSession
from core.failpoints import failpoint_async
from core.messaging import deliveries, doubts, fallback
from core.messaging.channel import Delivery, DeliveryChannel, DeliveryError
from core.messaging.deliveries import Result
from core.messaging.limiter import Limiter
from core.messaging.outbox import REPEATABLE, is_overdue_answer
from core.models import Channel, DeliveryState, OutboxRow
from core.render.office import Office
from core.rules.retries import TOKEN_WAIT, Outcome, backoff
from core.wake import Topic

log = structlog.get_logger(__name__)

T = TypeVar("T")

IN_FLIGHT = 32
LONGEST_NAP = 1.0
REPORT_PATIENCE = timedelta(minutes=2)


class Sender:
    """Sends what the outbox holds, in order per chat. One active sender per desk."""

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
        self._flying: dict[int, asyncio.Task[Result]] = {}
        self._suspects: dict[Channel, int] = {}
        self._probe_at: dict[Channel, datetime] = {}
        self._probes: dict[Channel, asyncio.Task[DeliveryError | None]] = {}
        self._unnamed: set[str] = set()
        self._missing = [channel for channel in Channel if channel not in channels]
        self._started = now()
        self.turned_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send until ``stop``; the database being away is waited for."""
        failures = 0
        recovered = False
        while not self._stopping.is_set():
            try:
                if not recovered:
                    await self._recover()
                    recovered = True
                await self._turn()
                self.turned_at = now()
                failures = 0
            except Exception as error:
                failures += 1
                recovered = False  # a commit without an answer may have marked rows that nobody sends
                log.error("the sender lost its database, it looks again", error=repr(error), failures=failures)
                await self._nap(backoff(failures).total_seconds())
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
        for channel in doubted & self._channels.keys():
            self._suspect(channel, now())

    async def _turn(self) -> None:
        moment = now()
        nap = await self._send_due(moment)
        landed = [task for task in self._flying.values() if task.done()]
        if landed:
            await self._settle(landed)
        elif nap:
            self._limiter.forget_idle(moment)
            await self._database.wake.wait(Topic.OUTBOX, seconds=nap)

    async def _send_due(self, moment: datetime) -> float:
        """Start what may go now; returns how long to wait if nothing else happens, 0 to look again at once."""
        room = IN_FLIGHT - len(self._flying)
        open_channels = [channel for channel in self._channels if self._is_answering(channel, moment)]
        if room <= 0 or not open_channels:
            return LONGEST_NAP
        waited = moment - REPORT_PATIENCE
        async with self._database.read() as session:
            rows = await deliveries.due(
                session,
                now=moment,
                channels=open_channels,
                limit=4 * IN_FLIGHT,
                without_report=waited if waited > self._started else None,
            )
            targets = await deliveries.targets(session, rows)
            has_misplaced = bool(self._missing) and await deliveries.waits_for(session, self._missing)
        if has_misplaced:
            async with self._database.write() as session:
                await deliveries.hold(session, self._missing)
        overdue = [row.id for row in rows if is_overdue_answer(row.method, row.created_at, moment)]
        if overdue:
            async with self._database.write() as session:
                await deliveries.drop_overdue_answers(session, overdue)
        chosen, nap = self._choose([row for row in rows if row.id not in overdue], moment, room)
        if chosen:
            await self._start(chosen, targets, moment)
            return 0
        return nap

    def _choose(self, rows: Sequence[OutboxRow], moment: datetime, room: int) -> tuple[list[int], float]:
        chosen: list[int] = []
        nap = LONGEST_NAP
        for row in rows:
            if len(chosen) == room:
                break
            wait = timedelta()
            if row.channel is Channel.TELEGRAM:
                wait = self._limiter.wait_for(row.lane, moment, counts=row.method not in REPEATABLE)
            if wait:
                nap = min(nap, wait.total_seconds())
            else:
                chosen.append(row.id)
        return chosen, max(nap, 0.005)

    async def _start(self, ids: Sequence[int], targets: Mapping[int, str], moment: datetime) -> None:
        await failpoint_async("send.before_mark")
        async with self._database.write() as session:
            claimed = await deliveries.claim(session, ids, now=moment)
            if naming := [row for row, _ in claimed.values() if row.lane in self._unnamed]:
                self._unnamed -= await doubts.name(session, naming, office=self._office)
        await failpoint_async("send.after_mark")
        for row, attempt_id in claimed.values():
            delivery = Delivery(
                id=row.id,
                lane=row.lane,
                method=row.method,
                payload=row.payload,
                edits=targets.get(row.edits_id or 0),
                is_repetition=row.doubts > 0,
                as_plain=row.content_retries > 0,
            )
            self._flying[row.id] = self._beside(self._call(self._channels[row.channel], delivery, attempt_id))

    async def _call(self, channel: DeliveryChannel, delivery: Delivery, attempt_id: int) -> Result:
        try:
            provider_id = await channel.send(delivery)
            await failpoint_async("send.after_response")
        except DeliveryError as error:
            return Result(delivery.id, attempt_id, now(), error=error)
        except Exception as error:
            log.exception("a channel failed in a way it does not know", row=delivery.id)
            unknown = DeliveryError(Outcome.BAD_CONTENT, repr(error))
            return Result(delivery.id, attempt_id, now(), error=unknown)
        return Result(delivery.id, attempt_id, now(), provider_id=provider_id)

    async def _settle(self, landed: Sequence[asyncio.Task[Result]]) -> None:
        results = [task.result() for task in landed]
        async with self._database.write() as session:
            await deliveries.settle(session, results)
            rows = {result.row_id: await session.get_one(OutboxRow, result.row_id) for result in results}
            await self._rescue(session, rows.values())
            await failpoint_async("send.before_sent_commit")
        await failpoint_async("send.after_sent_commit")
        for result in results:
            del self._flying[result.row_id]
            if result.error:
                self._learn(rows[result.row_id], result.error, result.at)

    async def _rescue(self, session: WriteSession, rows: Iterable[OutboxRow]) -> None:
        """What a chat did not take is carried by e-mail, and what it may not have is named by the next push."""
        lost = [row for row in rows if row.channel is Channel.TELEGRAM and row.state in fallback.NOT_TAKEN]
        self._unnamed |= {row.lane for row in lost if row.state is DeliveryState.UNCERTAIN}
        if lost:
            await fallback.carry(session, {row.lane for row in lost}, office=self._office)

    def _learn(self, row: OutboxRow, error: DeliveryError, at: datetime) -> None:
        log.warning("a delivery did not end well", row=row.id, outcome=error.outcome, detail=error.detail)
        if error.outcome is Outcome.REFUSED:
            self._limiter.pause(row.lane, until=at + timedelta(seconds=error.retry_after or 1), moment=at)
        elif error.outcome in {Outcome.DOUBTFUL, Outcome.NOT_SENT, Outcome.TOKEN}:
            self._suspect(row.channel, at + (TOKEN_WAIT if error.outcome is Outcome.TOKEN else timedelta()))

    def _suspect(self, channel: Channel, probe_at: datetime) -> None:
        self._suspects.setdefault(channel, 0)
        self._probe_at[channel] = probe_at

    def _is_answering(self, channel: Channel, moment: datetime) -> bool:
        """A channel that failed is first asked whether it answers, beside the loop: an outage drains nothing."""
        if channel not in self._suspects:
            return True
        probe = self._probes.get(channel)
        if probe is None and moment >= self._probe_at[channel]:
            self._probes[channel] = self._beside(self._probe(channel))
        if probe is None or not probe.done():
            return False
        del self._probes[channel]
        error = probe.result()
        if error is not None:
            self._suspects[channel] += 1
            pause = TOKEN_WAIT if error.outcome is Outcome.TOKEN else backoff(self._suspects[channel])
            self._probe_at[channel] = now() + pause
            log.warning("a channel does not answer", channel=channel, outcome=error.outcome, again_in=str(pause))
            return False
        del self._suspects[channel], self._probe_at[channel]
        return True

    async def _probe(self, channel: Channel) -> DeliveryError | None:
        try:
            await self._channels[channel].probe()
        except DeliveryError as error:
            return error
        except Exception as error:
            log.exception("a channel could not be asked", channel=channel)
            return DeliveryError(Outcome.NOT_SENT, repr(error))
        return None

    def _beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start it; the loop looks again when it is done."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._database.wake.ring([Topic.OUTBOX]))
        return task

    async def _nap(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _land(self, patience: float = 5) -> None:
        """At the end, wait for calls under way and note how they ended; the rest is found at the next start."""
        landed: set[asyncio.Task[Result]] = set()
        if self._flying:
            landed, _ = await asyncio.wait(self._flying.values(), timeout=patience)
        late = [task for task in (*self._flying.values(), *self._probes.values()) if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if landed:
            await self._settle(list(landed))
