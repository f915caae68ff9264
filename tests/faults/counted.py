"""Runs that return counts, as lines of the table: webhook, order in chaos, manners, poison, the restore drill."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.db import Database
from tests import databases
from tests.faults import manners
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan
from tests.faults.processes import ROOT
from tests.faults.replay import replay

CHATS = 50


async def replayed(plan: Plan) -> Verdict:
    """1 000 updates, each brought 10 times on 16 connections; of every day 100 × 5."""
    updates, times = (100, 5) if plan.is_quick else (1000, 10)
    verdict, started = _line(plan, f"{updates} updates × {times}"), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ventanilla-fault-") as folder:
        counts = await replay(plan.backend, Path(folder), updates=updates, times=times, chats=CHATS, seed=plan.seed)
    says = verdict.says
    if updates > min(counts.rows, counts.done, counts.effects):
        says[Kind.LOST].append(f"updates without an effect: {counts}")
    if updates < max(counts.rows, counts.effects, counts.effects_of_the_busiest_chat * CHATS):
        says[Kind.DOUBLED_ARTICLE].append(f"effects too many: {counts}")
    if counts.taken != counts.requests:
        says[Kind.OTHER].append(f"requests that were not taken: {counts}")
    return _timed(verdict, started)


async def in_chaos(plan: Plan) -> Verdict:
    """10 000 pushes to 50 chats while calls are refused, fail, or lose their answer; of every day 200 to 10."""
    pushes, chats = (200, 10) if plan.is_quick else (10_000, 50)
    verdict, started = _line(plan, f"{pushes} pushes in chaos"), time.monotonic()
    async with _place(plan) as (database, folder):
        chaos = await manners.order_chaos(database, folder, pushes=pushes, chats=chats, seed=plan.seed)
    says = verdict.says
    says[Kind.LOST] += [f"{chaos.missing} pushes are missing: {chaos}"] * (chaos.missing > 0)
    says[Kind.INVERSION] += [f"{chaos.inversions} inversions: {chaos}"] * (chaos.inversions > 0)
    says[Kind.COPIES] += [f"{chaos.most_copies} copies of one: {chaos}"] * (chaos.most_copies > 2)
    says[Kind.OTHER] += [f"{chaos.unmarked} copies are not marked: {chaos}"] * (chaos.unmarked > 0)
    verdict.tally = {"second copies": chaos.second_copies, "uncertain": chaos.uncertain}
    verdict.remarks.append(f"{chaos.calls} calls for {chaos.pushes} pushes")
    return _timed(verdict, started)


async def refused(plan: Plan) -> Verdict:
    """After ``retry_after`` no request to that chat comes too early, and the others flow."""
    verdict, started = _line(plan, "retry_after minded"), time.monotonic()
    async with _place(plan) as (database, folder):
        refusals = await manners.refusals(database, folder)
    verdict.says[Kind.OTHER] += [] if refusals.is_clean else [str(refusals)]
    return _timed(verdict, started)


async def poisoned(plan: Plan) -> Verdict:
    """An update nobody can read is tried five times, shown, told of once; the others do not wait for it."""
    verdict, started = _line(plan, "poison"), time.monotonic()
    async with _place(plan) as (database, folder):
        poison = await manners.poison(database, folder)
    verdict.says[Kind.OTHER] += [] if poison.is_clean else [str(poison)]
    return _timed(verdict, started)


def _line(plan: Plan, fault: str) -> Verdict:
    return Verdict(fault, plan.rounds, plan.seed, database=plan.backend)


def _timed(verdict: Verdict, started: float) -> Verdict:
    verdict.seconds = time.monotonic() - started
    return verdict


@asynccontextmanager
async def _place(plan: Plan) -> AsyncIterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory(prefix="ventanilla-fault-") as folder:
        url = await databases.fresh_url(plan.backend, Path(folder))
        database = Database(url)
        try:
            yield database, Path(folder)
        finally:
            await database.close()
            await databases.drop(url)


async def restored(plan: Plan) -> Verdict:
    """The restore drill, and backups and restores that are killed: the tests of the backups, told as one line."""
    verdict = _line(plan, "restore drill")
    files = ["tests/backup/test_drill.py", "tests/backup/test_killed.py"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pytest",
        *files,
        "-k",
        plan.backend,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        verdict.says[Kind.OTHER].append(output.decode(errors="replace")[-4000:])
    return verdict
