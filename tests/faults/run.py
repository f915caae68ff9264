"""One leg of a kill test: people play, the desk dies so many times, lives on until it is quiet, and is judged."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from core.db import Database
from core.models import OPEN_DELIVERIES, Attachment, FileState, InboxRow, InboxState, OutboxRow, Report
from tests import databases
from tests.faults import checker, evidence
from tests.faults.checker import Verdict
from tests.faults.customers import Customer
from tests.faults.findings import Kind
from tests.faults.moments import Moments
from tests.faults.phone import NothingHappensError, Phone
from tests.faults.processes import TOKEN, Desk, SimulatorProcess, WarmDesk, core, free_port
from tests.faults.technicians import PASSWORD, TechnicianAtWork
from tests.faults.told import Told

RUCS = ("0992345678001", "1790012345001", "0190012345001")
FIRST_CHAT = 3001
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
LAST_STORIES = 180.0  # seconds for everybody to come to an end once the desk lives
QUIET = 90.0  # seconds for what is due after that

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What one leg is: ``is_warm`` forks each start from a process that has imported the desk."""

    rounds: int
    seed: int
    backend: str = "sqlite"
    customers: int = 4
    technicians: int = 2
    is_warm: bool = False


class Leg:
    """Everything one leg has running."""

    def __init__(self, plan: Plan, folder: Path, say: Say) -> None:
        self._plan, self._folder, self._say = plan, folder, say
        self._rng = random.Random(plan.seed)
        self._told = Told()
        self._is_over = False
        self._numbers: asyncio.Queue[int] = asyncio.Queue()

    async def run(self) -> Verdict:
        plan, started = self._plan, time.monotonic()
        url = await databases.fresh_url(plan.backend, self._folder) if plan.backend != "sqlite" else ""
        url = url or f"sqlite+aiosqlite:///{self._folder / 'desk.db'}"
        simulator = SimulatorProcess(seed=plan.seed, log=self._folder / "simulator.log")
        await simulator.start()
        environment = self._environment(url, simulator)
        desk = (WarmDesk if plan.is_warm else Desk)(environment, self._folder / "desk.log")
        database = Database(url)
        try:
            await self._register(environment)
            await desk.open()
            async with httpx.AsyncClient(base_url=simulator.url, timeout=90) as sim:
                faulty, status = await self._play(sim, desk, database, environment)
                found = await evidence.gather(sim, database, self._folder / "files", list(self._told.companies))
        finally:
            await desk.close()
            await simulator.stop()
            await database.close()
            await databases.drop(url)
        name = "kill -9" + (f", calls fail in {faulty}" if faulty else "")
        verdict = checker.check(found, self._told, fault=name, rounds=plan.rounds, seed=plan.seed)
        if status:
            verdict.says[Kind.OTHER].append(f"the desk ended with {status} after SIGTERM")
        verdict.seconds = time.monotonic() - started
        return verdict

    def _environment(self, url: str, simulator: SimulatorProcess) -> dict[str, str]:
        return {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": simulator.url,
            "SMTP_URL": simulator.smtp_url,
            "DATABASE_URL": url,
            "DATA_DIR": str(self._folder),
            "SECRET_KEY": f"{self._plan.seed:064}",
            "PANEL_HOST": "127.0.0.1",
            "PANEL_PORT": str(free_port()),
            "DESK_EMAIL": "soporte@saci.example",
            "SEND_PER_SECOND": "100000",
            "SEND_PER_CHAT": "100000/s burst 1000",
        }

    async def _register(self, environment: dict[str, str]) -> None:
        """Companies and technicians, by the operator's commands."""
        plan = self._plan
        if plan.backend == "sqlite":
            await core(["migrate"], environment)
        for place in range(plan.customers):
            self._told.companies[FIRST_CHAT + place] = RUCS[place // 2 % len(RUCS)]
        orders = []
        for ruc in dict.fromkeys(self._told.companies.values()):
            phones = [f"--phone={_phone(chat)}" for chat, of in self._told.companies.items() if of == ruc]
            address, minutes = f"--email=pagos@{ruc}.example", "--purchased-minutes=600"
            orders.append(core(["add-company", ruc, f"--name=Empresa {ruc}", address, minutes, *phones], environment))
        for name in self._technicians():
            add = ["add-technician", name, f"--name={name.capitalize()}", "--password-stdin"]
            orders.append(core(add, environment, typed=PASSWORD))
        await asyncio.gather(*orders)

    def _technicians(self) -> list[str]:
        return ["tom", "dora", "ana"][: self._plan.technicians]

    async def _play(
        self, sim: httpx.AsyncClient, desk: Desk, database: Database, environment: dict[str, str]
    ) -> tuple[int, int]:
        """The rounds, the last stories, quiet, SIGTERM: in how many rounds calls failed, and the exit status."""
        address = f"http://127.0.0.1:{environment['PANEL_PORT']}"
        async with AsyncExitStack() as stack:
            browsers = [httpx.AsyncClient(base_url=address, timeout=30) for _ in self._technicians()]
            for browser in browsers:
                await stack.enter_async_context(browser)
            technicians = [
                TechnicianAtWork(browser, name, told=self._told, numbers=self._numbers, seed=self._plan.seed)
                for browser, name in zip(browsers, self._technicians(), strict=True)
            ]
            customers = [await self._customer(sim, chat) for chat in self._told.companies]
            async with _playing([self._persists(person) for person in (*technicians, *customers)]) as ends:
                faulty = await self._kill_often(sim, desk, [person.submits for person in technicians])
                self._is_over = True
                lived = time.monotonic()
                async with asyncio.timeout(LAST_STORIES):
                    await ends()
        ended = time.monotonic()
        await _quiet(sim, database)
        self._say(f"last stories {ended - lived:.0f} s, then quiet after {time.monotonic() - ended:.1f} s")
        return faulty, await desk.terminate()

    async def _persists(self, person: Customer | TechnicianAtWork) -> None:
        """Whoever gives up has lost something: that is for the checker to say."""
        try:
            await person.play(lambda: self._is_over)
        except NothingHappensError as complaint:
            self._told.complaints.append(str(complaint))

    async def _customer(self, sim: httpx.AsyncClient, chat: int) -> Customer:
        name = f"cliente{chat - FIRST_CHAT + 1}"
        person = {"id": chat, "first_name": name, "phone": _phone(chat)}
        (await sim.post("/sim/people", json=person)).raise_for_status()
        phone = Phone(sim, chat, self._told)
        ruc = self._told.companies[chat]
        return Customer(phone, name, ruc, told=self._told, numbers=self._numbers, seed=self._plan.seed)

    async def _kill_often(self, sim: httpx.AsyncClient, desk: Desk, submits: list[asyncio.Event]) -> int:
        moments = Moments(sim, self._rng, submits, start_seconds=0.6 if self._plan.is_warm else 3.0)
        await moments.newborn()
        await desk.start()
        faulty = 0
        for number in range(1, self._plan.rounds + 1):
            has_faults = self._rng.random() < FAULTY_SHARE
            await sim.delete("/sim/faults")
            if has_faults:
                faulty += 1
                await sim.post("/sim/faults", json=FAULTS)
            began = time.monotonic()
            name = await moments.wait()
            await desk.kill()
            await moments.newborn()
            await desk.start()
            told = self._told
            self._say(
                f"round {number}/{self._plan.rounds}: killed after {time.monotonic() - began:.1f} s, {name}"
                f"{', calls fail' if has_faults else ''}; {len(told.opened)} tickets, {len(told.answered)} answers, "
                f"{len(told.replied)} replies, {len(told.closed)} closings"
            )
        await sim.delete("/sim/faults")
        return faulty


@asynccontextmanager
async def _playing(
    parts: list[Coroutine[Any, Any, None]],
) -> AsyncIterator[Callable[[], Coroutine[Any, Any, None]]]:
    """Everybody plays beside the body; whoever fails ends it at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in parts]

        async def ends() -> None:
            await asyncio.wait(tasks)

        yield ends


async def _quiet(sim: httpx.AsyncClient, database: Database) -> None:
    """Return when nothing is open any more, or when the patience is over: then the checker finds what is stuck."""
    deadline = time.monotonic() + QUIET
    while time.monotonic() < deadline:
        idle = (await sim.get("/sim/idle", params={"timeout": 1})).json()
        if idle["idle"] and not await _open_rows(database):
            return
        await asyncio.sleep(0.05)


async def _open_rows(database: Database) -> int:
    async with database.read() as session:
        queries = (
            select(func.count()).where(InboxRow.state == InboxState.NEW),
            select(func.count()).where(OutboxRow.state.in_(OPEN_DELIVERIES)),
            select(func.count()).where(Attachment.state == FileState.PENDING),
            select(func.count()).where(Report.pdf_sha256.is_(None)),
        )
        return sum([await session.scalar(query) or 0 for query in queries])


def _phone(chat: int) -> str:
    return f"+59399{chat:07}"


async def run(plan: Plan, say: Say) -> Verdict:
    """Run one leg in a folder of its own, which is kept where something was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-kill-"))
    try:
        verdict = await Leg(plan, folder, say).run()
    except BaseException:
        say(f"seed {plan.seed} broke off; its database and logs are in {folder}")
        raise
    if verdict.is_clean:
        shutil.rmtree(folder)
    else:
        verdict.folder = str(folder)
    return verdict
