"""A small story in which the N-th statement, commit, call or fsync kills the desk, or fails."""

import asyncio
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults.checker import Verdict
from tests.faults.plan import Plan
from tests.faults.run import judge, quiet, stop
from tests.faults.scene import Scene, staged

STRIDE = 61  # a prime: few numbers, far from each other
MOST = 1500  # more than the story has; the round that does not come to its operation is the last
PATIENCE = 180.0


async def interrupted(plan: Plan, action: str) -> Verdict:
    """``action`` kill or raise, at N = 1, 2, 3 … until a run is clean; a quick run spreads its few over the story."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-fault-"))
    started, rounds = time.monotonic(), 0
    async with staged(plan, folder) as scene:
        await scene.begin()
        await scene.customers[0].log_in()
        for number in await _numbers(scene):
            if not await _round(scene, action, number):
                break
            rounds += 1
        await scene.up()
        await quiet(scene)
        await stop(scene)
        verdict = await judge(scene, f"N-th operation, {action}")
    verdict.rounds, verdict.seconds = rounds, time.monotonic() - started
    if verdict.is_clean:
        shutil.rmtree(folder)
    else:
        verdict.folder = str(folder)
    return verdict


async def _numbers(scene: Scene) -> Sequence[int]:
    plan = scene.plan
    numbers = range(plan.first + 1, plan.first + plan.rounds + 1)
    if not plan.is_quick:
        return numbers
    count = await _count(scene)
    return [(number * STRIDE + plan.seed) % count + 1 for number in numbers]


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


async def _round(scene: Scene, action: str, number: int) -> bool:
    """Whether the desk came to its N-th operation; not if the story was over and all was quiet before it."""
    began, known = time.monotonic(), len(scene.desk.said())
    await scene.up_anew(OPERATION=f"{action}:{number}")
    story = asyncio.create_task(_story(scene))
    death = asyncio.create_task(scene.desk.ended(PATIENCE))
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({story, death}, return_when=asyncio.FIRST_COMPLETED)
        if death.done():
            await scene.up()
        await story
        if _announced(scene, known) is None:
            rest = asyncio.create_task(quiet(scene))
            await asyncio.wait({rest, death}, return_when=asyncio.FIRST_COMPLETED)
            rest.cancel()
    if not death.done():
        death.cancel()
        await asyncio.wait({death})
    announced = _announced(scene, known)
    scene.plan.say(f"{announced or f'clean before operation {number}'}: {time.monotonic() - began:.1f} s")
    return announced is not None


def _announced(scene: Scene, known: int) -> str | None:
    """What the desk said of its operation, after the ``known`` characters of its log."""
    found = re.search(r"^operation \d+: \w+$", scene.desk.said()[known:], flags=re.MULTILINE)
    return found and found[0]


async def _story(scene: Scene) -> None:
    """A ticket with an album and a file, a reply, an answer to it, a closing."""
    customer, technician = scene.customers[0], scene.technicians[0]
    number = await customer.open_ticket([[customer.file()], [customer.file("photo"), customer.file("photo")]])
    await technician.write(number, "reply")
    await customer.answer(number)
    await technician.close(number)


killing, raising = partial(interrupted, action="kill"), partial(interrupted, action="raise")
