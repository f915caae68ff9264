"""One fault run: people play, the desk meets so many troubles, lives on until it is quiet, and is judged."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import func, select

from core.db import Database
from core.models import (
    OPEN_DELIVERIES,
    Album,
    Attachment,
    FileState,
    InboxRow,
    InboxState,
    OutboxRow,
    Report,
    StatementOrder,
)
from core.settings import Settings
from tests.faults import checker, evidence, rule_checks
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan
from tests.faults.scene import Scene, staged

FAULTY_SHARE = 0.35
FAULTS = (
    {"kind": "drop_after", "method": "send*", "probability": 0.06},
    {"kind": "500", "method": "send*", "probability": 0.05},
    {"kind": "429", "method": "send*", "probability": 0.04, "retry_after": 1},
    {"kind": "drop_after", "method": "edit*", "probability": 0.05},
    {"kind": "drop_after", "method": "getUpdates", "probability": 0.1},
    {"kind": "500", "method": "getFile", "probability": 0.1},
    {"kind": "truncated", "method": "file", "probability": 0.1},
)
LAST_STORIES = 400.0  # seconds for everybody to come to an end once the desk lives
QUIET = 90.0  # seconds for what is due after that
STOP_SECONDS = 10.0

# Finds the desk running or not, leaves it either way; the number counts from 1. Returns what happened.
Trouble = Callable[[Scene, int], Awaitable[str]]


async def run(plan: Plan, trouble: Trouble, *, fault: str, calls_fail: bool = True) -> Verdict:
    """In a folder of its own, which is kept where something was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-fault-"))
    started = time.monotonic()
    try:
        async with staged(plan, folder) as scene:
            verdict = await _judged(scene, trouble, fault, calls_fail=calls_fail)
    except BaseException:
        plan.say(f"seed {plan.seed} broke off; its database and logs are in {folder}")
        raise
    verdict.seconds = time.monotonic() - started
    if verdict.is_clean:
        shutil.rmtree(folder)
    else:
        verdict.folder = str(folder)
    return verdict


async def _judged(scene: Scene, trouble: Trouble, fault: str, *, calls_fail: bool) -> Verdict:
    plan = scene.plan
    await scene.begin()
    async with asyncio.timeout(None) as patience:
        async with scene.playing():
            for number in range(plan.first + 1, plan.first + plan.rounds + 1):
                await _round(scene, trouble, number, calls_fail=calls_fail)
            await scene.up()
            lived = time.monotonic()
            patience.reschedule(asyncio.get_running_loop().time() + LAST_STORIES)
    ended = time.monotonic()
    await quiet(scene)
    plan.say(f"last stories {ended - lived:.0f} s, then quiet after {time.monotonic() - ended:.1f} s")
    await stop(scene)
    return await judge(scene, fault)


async def _round(scene: Scene, trouble: Trouble, number: int, *, calls_fail: bool) -> None:
    has_faults = calls_fail and scene.rng.random() < FAULTY_SHARE
    await scene.sim.delete("/sim/faults")
    if has_faults:
        await scene.sim.post("/sim/faults", json=FAULTS)
    began = time.monotonic()
    what = await trouble(scene, number)
    await scene.sim.delete("/sim/faults")
    told = scene.told
    scene.plan.say(
        f"round {number}: {what}, {time.monotonic() - began:.1f} s{', calls fail' if has_faults else ''}; "
        f"{len(told.opened)} tickets, {len(told.answered)} answers, {len(told.replied)} replies, "
        f"{len(told.closed)} closings"
    )


async def stop(scene: Scene, *, is_starting: bool = False) -> None:
    """SIGTERM: the desk ends with 0, and in time; one that has hardly begun may not have heard of signals yet."""
    began = time.monotonic()
    status = await scene.desk.terminate()
    seconds = time.monotonic() - began
    is_well = status == 0 or (is_starting and status == -signal.SIGTERM)
    if not is_well or seconds > STOP_SECONDS:
        scene.trouble.append(f"the desk ended with {status} {seconds:.1f} s after SIGTERM")


async def judge(scene: Scene, fault: str) -> Verdict:
    plan = scene.plan
    found = await evidence.gather(scene.sim, scene.database, scene.folder, list(scene.told.companies))
    verdict = checker.check(found, scene.told, fault=fault, rounds=plan.rounds, seed=plan.seed)
    verdict.database = plan.backend
    verdict.says[Kind.OTHER] += scene.trouble
    if plan.has_limits:
        kept = Settings()
        allowed = {"per_chat": kept.send_per_chat.per_second, "burst": kept.send_per_chat.burst}
        broken = rule_checks.limits(found, per_second=kept.send_per_second, **allowed)
        verdict.says[Kind.OTHER] += [finding.says for finding in broken]
    if not verdict.is_clean:
        evidence.keep(found, scene.folder)
    return verdict


async def quiet(scene: Scene) -> None:
    """Return when nothing is open any more, or when the patience is over: then the checker finds what is stuck."""
    deadline = time.monotonic() + QUIET
    while time.monotonic() < deadline:
        idle = (await scene.sim.get("/sim/idle", params={"timeout": 1})).json()
        if idle["idle"] and not await _open_rows(scene.database):
            return
        await asyncio.sleep(0.05)


async def _open_rows(database: Database) -> int:
    async with database.read() as session:
        queries = (
            select(func.count()).where(InboxRow.state == InboxState.NEW),
            select(func.count()).where(OutboxRow.state.in_(OPEN_DELIVERIES)),
            select(func.count()).where(Attachment.state == FileState.PENDING),
            select(func.count()).where(Report.pdf_sha256.is_(None)),
            select(func.count()).where(StatementOrder.done_at.is_(None)),
            select(func.count()).where(Album.due_at.is_not(None)),
        )
        return sum([await session.scalar(query) or 0 for query in queries])
