"""The webhook replay as a line of the table."""

import tempfile
import time
from pathlib import Path

from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan
from tests.faults.replay import replay

CHATS = 50


async def replayed(plan: Plan) -> Verdict:
    """1 000 updates, each brought 10 times on 16 connections; of every day 100 × 5."""
    updates, times = (100, 5) if plan.is_quick else (1000, 10)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ventanilla-fault-") as folder:
        counts = await replay(plan.backend, Path(folder), updates=updates, times=times, chats=CHATS, seed=plan.seed)
    verdict = Verdict(f"{updates} updates × {times}", plan.rounds, plan.seed, database=plan.backend)
    lost = max(0, updates - min(counts.rows, counts.done, counts.effects))
    verdict.says[Kind.LOST] += [f"{lost} of {updates} updates had no effect: {counts}"] if lost else []
    doubled = max(counts.rows, counts.effects, counts.effects_of_the_busiest_chat * CHATS) - updates
    verdict.says[Kind.DOUBLED_ARTICLE] += [f"{doubled} effects too many: {counts}"] if doubled > 0 else []
    if counts.taken != counts.requests:
        verdict.says[Kind.OTHER].append(f"{counts.requests - counts.taken} of {counts.requests} were not taken")
    verdict.seconds = time.monotonic() - started
    return verdict
