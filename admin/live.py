"""Tells open pages that something they show has changed; they fetch it themselves, so a lost word costs little."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from core.clock import now
from core.db import Database, ReadSession
from core.queries import changes, deliveries, news, presence, staff
from core.queries.alarms import open_alarms
from core.queries.news import Come
from core.queries.staff import Remaining
from core.wake import Topic, comes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.8  # the longest a log-in that ended keeps its stream
GATHER_SECONDS = 0.15  # many commits are one look
BEAT_SECONDS = 15.0
WARNING = timedelta(minutes=2)  # before a log-in ends
PAGES_AT_ONCE = 24  # open pages of one log-in

BAR, QUEUE, TICKET, PRESENCE, WORK = "bar", "queue", "ticket", "presence", "work"


class TooManyPagesError(Exception):
    """The log-in has as many pages open as one may have."""


@dataclass(eq=False)
class Listener:
    """One open page: what it shows, by part (``bar``, ``queue``, ``ticket``, ``presence``), as the stamps it was
    drawn with. ``come``: the newest article the page had when it was drawn; None: it is not told of new work.
    ``ending``: of a log-in that is about to end.
    """

    session_id: int
    technician_id: int
    shown: dict[str, str]
    ticket: int = 0
    sees_troubles: bool = False
    come: int | None = None
    known: set[int] = field(default_factory=set)
    is_new: bool = True  # it has not heard yet what came while it was being drawn
    work: dict[int, Come] = field(default_factory=dict)
    news: set[str] = field(default_factory=set)
    is_over: bool = False
    ending: Remaining | None = None
    says_ending: bool = False
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def compare(self, stamps: Mapping[str, str]) -> None:
        """Note the parts whose stamp is another one now."""
        changed = {part for part, stamp in self.shown.items() if stamps.get(part, stamp) != stamp}
        if changed:
            self.shown |= {part: stamps[part] for part in changed}
            self.news |= changed
            self.told.set()

    def hear(self, latest: Sequence[Come]) -> None:
        """Note what came in since, of what is nobody's or with the reader, responsible or not: one per ticket."""
        self.is_new = False
        if self.come is None:
            return
        fresh = [one for one in latest if one.article_id > self.come and one.article_id not in self.known]
        self.known |= {one.article_id for one in fresh}
        me = self.technician_id
        self.work |= {one.number: one for one in fresh if one.owner_id in {None, me} or one.responsible_id == me}
        if self.work:
            self.told.set()

    def expect(self, ending: Remaining | None) -> None:
        """Note when the log-in is about to end; None: somebody went on, perhaps on another page."""
        if ending != self.ending:
            self.ending, self.says_ending = ending, True
            self.told.set()

    def end(self) -> None:
        self.is_over = True
        self.told.set()


class Live:
    """Looks for all open pages of this process at once, and only while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._stopping = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._queue = ""

    def stop(self) -> None:
        """End every stream, and each one that is still asked for at once."""
        self._stopping.set()
        self._database.wake.ring([Topic.PAGES])
        for listener in self._listeners:
            listener.told.set()

    async def close(self) -> None:
        """Return once nothing looks any more."""
        self.stop()
        if self._looking is not None:
            await self._looking

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Raises TooManyPagesError."""
        if sum(other.session_id == listener.session_id for other in self._listeners) >= PAGES_AT_ONCE:
            raise TooManyPagesError
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        self._database.wake.ring([Topic.PAGES])  # what changed since the page was drawn
        try:
            yield
        finally:
            self._listeners.discard(listener)

    async def stream(self, listener: Listener) -> AsyncIterator[str]:
        """Server-sent events: ``change`` with the parts, ``work`` with what came in, ``ending`` before the end of
        the log-in, ``over`` after it."""
        yield ": listening\n\n"
        while not self._stopping.is_set():
            if not await comes(listener.told, seconds=BEAT_SECONDS):
                yield "event: beat\ndata:\n\n"
                continue
            listener.told.clear()
            if listener.is_over:
                yield "event: over\ndata:\n\n"
                return
            if listener.says_ending:
                listener.says_ending = False
                yield f"event: ending\ndata: {_soon(listener.ending)}\n\n"
            if listener.news:
                parts, listener.news = " ".join(sorted(listener.news)), set()
                yield f"event: change\ndata: {parts}\n\n"
            if listener.work:
                come, listener.work = listener.work.values(), {}
                yield f"event: work\ndata: {_told(come)}\n\n"

    async def _look_on(self) -> None:
        while self._listeners and not self._stopping.is_set():
            await self._database.wake.wait(Topic.PAGES, seconds=LOOK_SECONDS)
            await comes(self._stopping, seconds=GATHER_SECONDS)
            try:
                async with self._database.read() as session:
                    await self._look(session)
            except Exception as error:  # the database is away for a moment; pages wait for it
                log.warning("open pages are not told for now", error=type(error).__name__)

    async def _look(self, session: ReadSession) -> None:
        listeners = list(self._listeners)
        moment = now()
        alive = await staff.still_open(session, {one.session_id for one in listeners}, at=moment)
        queue = await changes.of_queue(session)
        is_news = queue != self._queue or any(one.is_new for one in listeners)
        self._queue, latest = queue, await news.latest(session) if is_news else ()
        shown = {one.ticket for one in listeners if one.ticket}
        tickets = await changes.of_tickets(session, shown)
        present = await presence.of_tickets(session, shown, at=now())
        alarms = await open_alarms(session)
        troubles = await deliveries.needing_a_person(session)
        bars = {sees: changes.of_bar(troubles if sees else 0, alarms) for sees in (True, False)}
        for listener in listeners:
            if (remaining := alive.get(listener.session_id)) is None:
                listener.end()
            else:
                listener.expect(remaining if remaining.ends_at - moment <= WARNING else None)
            stamps = {BAR: bars[listener.sees_troubles], QUEUE: queue}
            if listener.ticket in tickets:
                here = present.get(listener.ticket, {})
                stamps[TICKET] = tickets[listener.ticket]
                stamps[PRESENCE] = presence.stamp(here, without=listener.technician_id)
            listener.compare(stamps)
            if is_news:
                listener.hear(latest)


def _soon(ending: Remaining | None) -> str:
    """In how many seconds the log-in ends, and whether one may go on; empty where it goes on."""
    if ending is None:
        return ""
    return json.dumps({"seconds": max(0, round((ending.ends_at - now()).total_seconds())), "idle": ending.is_idle})


def _told(come: Iterable[Come]) -> str:
    """One line of JSON."""
    return json.dumps([{"id": one.article_id, "number": one.number, "subject": one.subject} for one in come])
