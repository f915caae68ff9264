"""What may befall a desk at work: each is one round of a fault run."""

import asyncio
import resource
import signal
import sqlite3
from dataclasses import replace
from functools import partial

from core.failpoints import NAMES
from tests import databases
from tests.faults.checker import Verdict
from tests.faults.moments import STARTING
from tests.faults.plan import Plan
from tests.faults.run import run, stop
from tests.faults.scene import Scene

PATIENCE = 60.0  # seconds until a place that nobody has passed counts as unreachable

# Passed only by commands of the operator, or proved by a run of their own.
ELSEWHERE = ("migrate.", "backup.", "restore.")
SHUTDOWN = "shutdown."
WRITES_A_FILE = ("file.",)
ONLY_KILLS = frozenset({"send.after_write"})


async def killed(plan: Plan) -> Verdict:
    """kill -9 at random moments, or right when something is under way."""
    return await run(plan, _kill, fault="kill -9")


async def killed_cold(plan: Plan) -> Verdict:
    """The same with the desk started by its command each time, as a service manager does."""
    return await run(replace(plan, is_warm=False), _kill, fault="kill -9, cold start")


async def _kill(scene: Scene, number: int) -> str:
    await scene.up()
    name = await scene.moments.wait()
    await scene.desk.kill()
    return f"killed, {name}"


async def terminated(plan: Plan) -> Verdict:
    """SIGTERM at random moments: exit 0 within 10 s."""
    return await run(plan, _terminate, fault="SIGTERM")


async def _terminate(scene: Scene, number: int) -> str:
    await scene.up()
    name = await scene.moments.wait()
    await stop(scene, is_starting=name == STARTING)
    return f"stopped, {name}"


async def courteous(plan: Plan) -> Verdict:
    """No trouble but calls that fail; the limits are those of an operator who sets none."""
    return await run(replace(plan, has_limits=True), _watch, fault="limits on")


async def _watch(scene: Scene, number: int) -> str:
    await scene.up()
    return await scene.moments.wait()


def places(action: str) -> list[str]:
    """The failpoints a desk at work passes; a full disk is met where files are written."""
    here = [name for name in NAMES if not name.startswith(ELSEWHERE)]
    if action == "enospc":
        return [name for name in here if name.startswith(WRITES_A_FILE)]
    return [name for name in here if action == "kill" or name not in ONLY_KILLS]


async def failing(plan: Plan, action: str) -> Verdict:
    """Every failpoint once in turn: the desk dies there, fails there, or finds the disk full."""
    return await run(plan, partial(_fail_at, action), fault=f"failpoint {action}", calls_fail=False)


async def _fail_at(action: str, scene: Scene, number: int) -> str:
    names = places(action)
    name = names[(number - 1) % len(names)]
    for customer in scene.customers:
        customer.prefers_albums = name.startswith("album.")
    await scene.up_anew(FAILPOINT=f"{name}={action}")
    if name.startswith(SHUTDOWN):
        await scene.moments.alive()
        scene.desk.send(signal.SIGTERM)
    if not await _is_passed(scene, name, dies=action == "kill" or name.startswith(SHUTDOWN)):
        scene.trouble.append(f"{name} was not passed within {PATIENCE:.0f} s")
    return f"{name} {action}"


async def _is_passed(scene: Scene, name: str, *, dies: bool) -> bool:
    """Whether the desk says it came to the place, and has died if it had to."""
    mark, deadline = f"failpoint {name}: ", asyncio.get_running_loop().time() + PATIENCE
    read = scene.desk.log.stat().st_size
    if dies:
        await scene.desk.ended(PATIENCE)
    while asyncio.get_running_loop().time() < deadline:
        if mark in scene.desk.log.read_text(errors="replace")[max(0, read - 2000) :]:
            return True
        if dies:
            return False
        await asyncio.sleep(0.02)
    return False


async def locked(plan: Plan) -> Verdict:
    """Another process keeps the whole SQLite database to itself: 30 s, of every day 3."""
    seconds = 3.0 if plan.is_quick else 30.0
    return await run(plan, partial(_lock, seconds), fault=f"locked {seconds:.0f} s")


async def _lock(seconds: float, scene: Scene, number: int) -> str:
    await scene.up()
    name = await scene.moments.wait()
    connection = sqlite3.connect(
        scene.url.partition(":///")[2], timeout=20, isolation_level=None, check_same_thread=False
    )
    try:
        await asyncio.to_thread(connection.execute, "BEGIN EXCLUSIVE")
        await asyncio.sleep(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()
    return f"locked for {seconds:.0f} s, {name}"


async def restarted(plan: Plan) -> Verdict:
    """PostgreSQL stops as by a power cut and starts again under the running desk."""
    return await run(plan, _restart, fault="PostgreSQL restarted")


async def _restart(scene: Scene, number: int) -> str:
    await scene.up()
    name = await scene.moments.wait()
    await databases.restart()
    return f"database restarted, {name}"


async def filled_up(plan: Plan) -> Verdict:
    """No file can grow for a while, the database's own included: every write of the desk fails."""
    return await run(plan, _fill_up, fault="disk full")


async def _fill_up(scene: Scene, number: int) -> str:
    await scene.up()
    name = await scene.moments.wait()
    seconds = scene.rng.uniform(0.2, 1.5)
    _, hard = resource.prlimit(scene.desk.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(scene.desk.pid, resource.RLIMIT_FSIZE, (0, hard))
    await asyncio.sleep(seconds)
    resource.prlimit(scene.desk.pid, resource.RLIMIT_FSIZE, (hard, hard))
    return f"full for {seconds:.1f} s, {name}"


async def astray(plan: Plan) -> Verdict:
    """The clock is put a day forward and a day back under the running desk, and is right in the end."""
    return await run(plan, _step_the_clock, fault="clock ± 1 day")


async def _step_the_clock(scene: Scene, number: int) -> str:
    scene.told.is_clock_right = False
    if number == scene.plan.first + 1:
        await scene.up_anew(CLOCK_STEPS="1")
    await scene.up()
    steps = [signal.SIGUSR1, signal.SIGUSR2]
    scene.rng.shuffle(steps)
    await scene.moments.alive()
    for step in steps:
        scene.desk.send(step)
        await scene.moments.wait()
    return "a day " + ("forward and back" if steps[0] is signal.SIGUSR1 else "back and forward")
