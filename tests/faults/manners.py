"""How the desk behaves when Telegram does not: pushes in chaos, refusals, an update that is poison; counted."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import time_machine
from sqlalchemy import func, select

from bot.channel import TelegramChannel
from bot.client import certificates, make_bot
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging import inbox, outbox
from core.messaging.inbox import Incoming
from core.messaging.limiter import Limiter
from core.messaging.sender import Sender
from core.messaging.store import FileStore
from core.messaging.vault import Vault
from core.models import Channel, DeliveryState, InboxRow, InboxState, OutboxRow, Urgency
from core.render.office import Office
from core.settings import load
from core.wake import Topic
from tests.desk import LiveDesk
from tests.faults.delivery_checks import REPEATED
from tests.faults.processes import SimulatorProcess

PATIENCE = 900.0
CHAOS = [
    {"kind": "429", "retry_after": 1, "probability": 0.05},
    {"kind": "500", "probability": 0.05},
    {"kind": "drop_after", "probability": 0.02},  # processed, then the line is closed
]

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Chaos:
    """What became of the pushes. ``missing``: neither arrived nor shown to the desk as doubtful."""

    pushes: int
    inversions: int
    missing: int
    second_copies: int
    most_copies: int
    unmarked: int
    uncertain: int
    calls: int
    seconds: float

    @property
    def is_clean(self) -> bool:
        return not (self.inversions or self.missing or self.unmarked) and self.most_copies <= 2


@dataclass(frozen=True)
class Refusals:
    """Requests that came before ``retry_after`` was over: of the chat alone, and of anybody after three refusals."""

    early: int
    others_meanwhile: int
    early_for_all: int
    sent: int

    @property
    def is_clean(self) -> bool:
        return not (self.early or self.early_for_all) and self.others_meanwhile > 0


@dataclass(frozen=True)
class Poison:
    """Tries of the update, when the panel showed it, how much longer than usual another chat waited (seconds)."""

    tries: int
    shown_after: float
    other_waited: float
    apologies: int

    @property
    def is_clean(self) -> bool:
        return self.tries <= 5 and self.shown_after <= 60 and self.other_waited <= 1 and self.apologies == 1


class Line:
    """A sender of this process on a line to a simulator of its own."""

    def __init__(self, database: Database, sim: httpx.AsyncClient, sender: Sender, chats: Sequence[int]) -> None:
        self.database, self._sim, self.sender, self.chats = database, sim, sender, chats

    async def fails(self, *faults: Mapping[str, object]) -> None:
        wanted = [{"method": "sendMessage", **fault} for fault in faults]
        (await self._sim.post("/sim/faults", json=wanted)).raise_for_status()

    async def calls(self) -> list[Entry]:
        found: list[Entry] = (await self._sim.get("/sim/journal", params={"method": "sendMessage"})).json()
        return found

    async def put(self, words: Sequence[tuple[int, str]]) -> None:
        """Pushes, in this order: pairs of chat and text."""
        async with self.database.write() as session:
            for chat, text in words:
                await outbox.put(session, chat, "sendMessage", {"text": text}, urgency=Urgency.NEWS)

    async def states(self) -> Counter[str]:
        async with self.database.read() as session:
            found = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
            return Counter({str(state): count for state, count in found})

    async def uncertain(self) -> Collection[str]:
        """The texts of those that a person has to decide on."""
        async with self.database.read() as session:
            found = await session.scalars(select(OutboxRow.payload).where(OutboxRow.state == DeliveryState.UNCERTAIN))
            return {payload["text"] for payload in found}

    async def is_done(self) -> bool:
        states = await self.states()
        return not states["queued"] + states["sending"]


@asynccontextmanager
async def line(database: Database, folder: Path, *, chats: int, seed: int, limiter: Limiter) -> AsyncIterator[Line]:
    simulator = SimulatorProcess(seed=seed, log=folder / "simulator.log")
    await simulator.start()
    settings = load({"DATA_DIR": str(folder)}, env_file=None)
    bot = make_bot(settings, api_url=simulator.url)
    for request in bot._request:
        await request.initialize()
    office = Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"))
    channel = TelegramChannel(bot, FileStore(folder / "files"), _no_report)
    sender = Sender(database, {Channel.TELEGRAM: channel}, limiter, office)
    async with httpx.AsyncClient(base_url=simulator.url, timeout=60, verify=certificates()) as sim:
        made = (await sim.post("/sim/load", json={"users": chats, "text": "/start"})).json()["users"]
        task = asyncio.create_task(sender.run())
        try:
            yield Line(database, sim, sender, made)
        finally:
            sender.stop()
            await task
            for request in bot._request:
                await request.shutdown()
            await simulator.stop()


async def _no_report(report_id: int) -> str:
    raise LookupError(f"report {report_id} is not drawn")


def no_limits() -> Limiter:
    return Limiter(per_second=100_000, per_chat=100_000, burst=1000)


async def order_chaos(
    database: Database, folder: Path, *, pushes: int = 10_000, chats: int = 50, seed: int = 1
) -> Chaos:
    """Pushes to many chats while 5 % are refused, 5 % fail and 2 % are processed without an answer.

    The waits are flown through: a second on the clock takes a tenth of one.
    """
    began = time.monotonic()
    with time_machine.travel(now(), tick=True) as clock:
        async with line(database, folder, chats=chats, seed=seed, limiter=no_limits()) as desk:
            await desk.fails(*CHAOS)
            words = [(desk.chats[number % chats], f"{number:06}") for number in range(pushes)]
            for start in range(0, pushes, 500):
                await desk.put(words[start : start + 500])
            await _until(desk.is_done, fly=lambda: _fly(database, clock, 0.5))
            entries, uncertain = await desk.calls(), await desk.uncertain()
    return _judge(entries, words, uncertain=uncertain, seconds=time.monotonic() - began)


def _judge(
    entries: Sequence[Entry], words: Sequence[tuple[int, str]], *, uncertain: Collection[str], seconds: float
) -> Chaos:
    arrived: dict[str, list[str]] = defaultdict(list)
    firsts: dict[int, list[str]] = defaultdict(list)
    for entry in entries:
        if entry["took_effect"]:
            text = entry["params"]["text"]
            if text[:6] not in arrived:
                firsts[entry["chat_id"]].append(text[:6])
            arrived[text[:6]].append(text)
    texts = [text for _, text in words]
    return Chaos(
        pushes=len(texts),
        inversions=sum(before > after for chat in firsts.values() for before, after in pairwise(chat)),
        missing=sum(text not in arrived and text not in uncertain for text in texts),
        second_copies=sum(len(copies) > 1 for copies in arrived.values()),
        most_copies=max(map(len, arrived.values())),
        unmarked=sum(REPEATED not in copy for copies in arrived.values() for copy in copies[1:]),
        uncertain=len(uncertain),
        calls=len(entries),
        seconds=round(seconds, 1),
    )


async def refusals(database: Database, folder: Path, *, retry_after: int = 2) -> Refusals:
    """One chat is refused while others write, then three within ten seconds; on a real clock, with the limits on."""
    limiter = Limiter(per_second=25, per_chat=1, burst=3)
    async with line(database, folder, chats=7, seed=1, limiter=limiter) as desk:
        first, *others = desk.chats
        fault = {"kind": "429", "retry_after": retry_after, "times": 1}
        await desk.fails(fault | {"chat_id": first})
        await desk.put([(chat, "uno") for chat in desk.chats for _ in range(2)])
        await _until(desk.is_done)
        alone = await desk.calls()
        await desk.fails(*(fault | {"chat_id": chat} for chat in others[:3]))
        await asyncio.sleep(FLOOD_SECONDS)  # the first refusal is no longer counted
        await desk.put([(chat, "dos") for chat in others[:3]])
        await _until(lambda: _refused(desk, 4))
        await desk.put([(chat, "dos") for chat in others[3:]])
        await _until(desk.is_done)
        everyone = (await desk.calls())[len(alone) :]
        sent = (await desk.states())["sent"]
    refused = next(entry for entry in alone if entry["verdict"] == "429")
    last = [entry for entry in everyone if entry["verdict"] == "429"][-1]
    meanwhile = _between(alone, refused["at"], retry_after)
    return Refusals(
        early=sum(entry["chat_id"] == first for entry in meanwhile),
        others_meanwhile=sum(entry["chat_id"] != first for entry in meanwhile),
        early_for_all=len(_between(everyone, last["at"] + 0.2, retry_after - 0.2)),
        sent=sent,
    )


FLOOD_SECONDS = 10.0


def _between(entries: Sequence[Entry], start: float, seconds: float) -> list[Entry]:
    return [entry for entry in entries if start < entry["at"] < start + seconds]


async def _refused(desk: Line, count: int) -> bool:
    return sum(entry["verdict"] == "429" for entry in await desk.calls()) >= count


async def poison(database: Database, folder: Path) -> Poison:
    """An update nobody can decrypt, and a stranger who writes meanwhile."""
    with time_machine.travel(now(), tick=True) as clock:
        live = LiveDesk(database, folder)
        await live.start()
        try:
            ada, eve = await live.customer("Ada", "+593991234567"), await live.customer("Eve", "+593960000000")
            await ada.says("/start")
            usual = await _answer_time(live, eve.id)
            began = now()
            async with database.write() as session:
                update = Incoming(1, str(ada.id), b"{}")
                await inbox.accept(session, [update], bot_id=7, vault=Vault(b"another key" * 3), now=began)
            waited = max(await _answer_time(live, eve.id) - usual, timedelta())
            await _until(lambda: _is_given_up(database), fly=lambda: _fly(database, clock, 0.5))
            shown = now() - began
            await live.settle()
            sorries = [said for said in await ada.reads() if "No pudimos recibir su último mensaje" in said.text]
        finally:
            await live.stop()
    async with database.read() as session:
        row = await session.get_one(InboxRow, (7, 1))
    return Poison(row.attempts, _seconds(shown), _seconds(waited), len(sorries))


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 2)


async def _answer_time(live: LiveDesk, chat: int) -> timedelta:
    """How long somebody who writes now waits for an answer."""
    began, before = now(), await _said(live, chat)
    await live.sim(f"/sim/chats/{chat}/messages", {"text": "/start"})
    await _until(lambda: _has_said_more(live, chat, before))
    return now() - began


async def _has_said_more(live: LiveDesk, chat: int, before: int) -> bool:
    return await _said(live, chat) > before


async def _said(live: LiveDesk, chat: int) -> int:
    messages = (await live.sim(f"/sim/chats/{chat}"))["messages"]
    return sum(message["from_bot"] for message in messages)


async def _is_given_up(database: Database) -> bool:
    async with database.read() as session:
        row = await session.scalar(select(InboxRow.update_id).where(InboxRow.state == InboxState.DEAD))
        return row is not None


def _fly(database: Database, clock: time_machine.Traveller, seconds: float) -> None:
    clock.shift(seconds)
    database.wake.ring(list(Topic))


async def _until(holds: Callable[[], Awaitable[bool]], *, fly: Callable[[], None] = lambda: None) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.05)
            fly()
