"""A small story in which the N-th statement, commit, call or fsync kills the desk, or fails."""

import asyncio
import re
import shutil
import signal
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.faults.checker import Verdict
from tests.faults.plan import Plan
from tests.faults.run import judge, quiet, stop
from tests.faults.scene import Scene, staged

STRIDE = 61  # a prime: N = 62, 123, … modulo their number meets each operation once, the first ones well spread
PATIENCE = 180.0


async def interrupted(plan: Plan, action: str) -> Verdict:
    """``action`` kill or raise; with as many rounds as the story has operations each of them has had its turn."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-fault-"))
    started = time.monotonic()
    async with staged(plan, folder) as scene:
        await scene.begin()
        await scene.customers[0].log_in()
        count = await _count(scene)
        last = min(plan.first + plan.rounds, count)
        for number in range(plan.first + 1, last + 1):
            # each leg's seed is that of the first and the rounds before it: together they meet none twice
            await _round(scene, action, (number * STRIDE + plan.seed - plan.first) % count + 1, count)
        await scene.up()
        await quiet(scene)
        await stop(scene)
        verdict = await judge(scene, f"N-th operation, {action}")
    verdict.remarks.append(f"{last} of {count} operations had their turn")
    verdict.rounds, verdict.seconds = max(0, last - plan.first), time.monotonic() - started
    if verdict.is_clean:
        shutil.rmtree(folder)
    else:
        verdict.folder = str(folder)
    return verdict


async def _count(scene: Scene) -> int:
    """How many operations the story takes where nothing goes wrong."""
    await scene.up_anew(OPERATION="count:0")
    await _story(scene)
    await quiet(scene)
    scene.desk.send(signal.SIGUSR1)
    for _ in range(500):
        if counts := re.findall(r"operations so far: (\d+)", scene.desk.said()):
            return int(counts[-1])
        await asyncio.sleep(0.01)
    raise TimeoutError("the desk does not say how many operations it took")


async def _round(scene: Scene, action: str, number: int, count: int) -> None:
    began = time.monotonic()
    await scene.up_anew(OPERATION=f"{action}:{number}")
    story = asyncio.create_task(_story(scene))
    death = asyncio.create_task(scene.desk.ended(PATIENCE))
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({story, death}, return_when=asyncio.FIRST_COMPLETED)
        if death.done():
            await scene.up()
        await story
    if not death.done():
        death.cancel()
        await asyncio.wait({death})
    scene.plan.say(f"operation {number} of {count}, {action}: {time.monotonic() - began:.1f} s")


async def _story(scene: Scene) -> None:
    """A ticket with an album and a file, a reply, an answer to it, a closing."""
    customer, technician = scene.customers[0], scene.technicians[0]
    number = await customer.open_ticket([[customer.file()], [customer.file("photo"), customer.file("photo")]])
    await technician.write(number, "reply")
    await customer.answer(number)
    await technician.close(number)


killing, raising = partial(interrupted, action="kill"), partial(interrupted, action="raise")
