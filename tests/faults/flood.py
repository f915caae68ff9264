"""A flood of updates: none lost, the inbox empty in time, memory bounded, the panel usable meanwhile."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks import desk
from core.db import Database
from core.models import InboxRow, InboxState, Technician
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan
from tests.faults.run import quiet, stop
from tests.faults.scene import Scene, staged

FIRST_CHAT = 800_000_001  # the simulator's made-up people begin here
MOST_MEGABYTES, MOST_SECONDS, MOST_PANEL_SECONDS = 300, 120.0, 0.5
PATIENCE, STEP = 300.0, 0.5


@dataclass
class Watched:
    """What was seen of the desk while it worked: resident megabytes, seconds a page took."""

    megabytes: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)

    @property
    def slow_page(self) -> float:
        """The 95th percentile."""
        return sorted(self.pages)[int(0.95 * len(self.pages))]


async def flood(plan: Plan) -> Verdict:
    """10 000 updates from 200 chats in 60 s, half of the chats logged in with a ticket; of every day 500 in 5 s."""
    chats, each, seconds = (50, 10, 5) if plan.is_quick else (200, 50, 60)
    verdict = Verdict(f"flood of {chats * each}", plan.rounds, plan.seed, database=plan.backend)
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-fault-"))
    started = time.monotonic()
    async with staged(replace(plan, customers=1, technicians=1), folder) as scene:
        await _log_in(scene.database, range(FIRST_CHAT, FIRST_CHAT + chats // 2))
        await scene.begin()
        await _pour(scene, verdict, chats=chats, each=each, seconds=seconds)
        await stop(scene)
        verdict.says[Kind.OTHER] += scene.trouble
    verdict.seconds = time.monotonic() - started
    if verdict.is_clean:
        shutil.rmtree(folder)
    else:
        verdict.folder = str(folder)
    return verdict


async def _pour(scene: Scene, verdict: Verdict, *, chats: int, each: int, seconds: float) -> None:
    began, watched, count = time.monotonic(), Watched(), chats * each
    watching = asyncio.create_task(_watch(scene, watched))
    wish = {"users": chats, "per_user": each, "rate": count / seconds, "text": "Mensaje {n} de {user}."}
    (await scene.sim.post("/sim/load", json=wish)).raise_for_status()
    done = 0
    for _ in range(int(PATIENCE / STEP)):
        done = await _done(scene.database)
        if done == count:
            break
        await asyncio.sleep(STEP)
    emptied = time.monotonic() - began
    watching.cancel()
    await asyncio.wait({watching})
    await quiet(scene)
    if done < count:
        verdict.says[Kind.LOST].append(f"{count - done} of {count} updates had no effect")
    _judge(verdict, watched, emptied, is_quick=scene.plan.is_quick)


def _judge(verdict: Verdict, watched: Watched, emptied: float, *, is_quick: bool) -> None:
    """Of every day the times are only told: another load on the machine is no fault of the desk."""
    figures = {
        f"inbox empty after {emptied:.0f} s": emptied > MOST_SECONDS and not is_quick,
        f"at most {max(watched.megabytes):.0f} MB resident": max(watched.megabytes) > MOST_MEGABYTES,
        f"95 of 100 pages within {watched.slow_page:.3f} s": watched.slow_page > MOST_PANEL_SECONDS and not is_quick,
    }
    verdict.says[Kind.OTHER] += [figure for figure, is_wrong in figures.items() if is_wrong]
    verdict.remarks += figures


async def _watch(scene: Scene, watched: Watched) -> None:
    """The queue of the panel, opened again and again by somebody who is logged in."""
    technician = scene.technicians[0]
    while True:
        began = time.monotonic()
        try:
            await technician.look()
        except httpx.TransportError as error:
            scene.trouble.append(f"the panel did not answer in the flood: {error!r}")
        watched.pages.append(time.monotonic() - began)
        watched.megabytes.append(scene.desk.megabytes)
        await asyncio.sleep(0.1)


async def _done(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).where(InboxRow.state == InboxState.DONE)) or 0


async def _log_in(database: Database, chats: Sequence[int]) -> None:
    async with database.write() as session:
        technician = await session.scalar(select(Technician).limit(1))
        assert technician is not None
        for number, chat in enumerate(chats, 1):
            await desk.customer(session, technician, number, chat)
