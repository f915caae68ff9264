"""Everything a fault run has standing: simulator, desk, database, and the people who play."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from core import passwords
from core.actions import companies, staff
from core.db import Database
from core.rules.identity import normalise_password
from tests import databases
from tests.faults.customers import Customer
from tests.faults.moments import Moments
from tests.faults.phone import NothingHappensError, Phone
from tests.faults.plan import Plan
from tests.faults.processes import TOKEN, Desk, SimulatorProcess, WarmDesk, free_port
from tests.faults.technicians import PASSWORD, TechnicianAtWork
from tests.faults.told import Told

RUCS = ("0992345678001", "1790012345001", "0190012345001")
FIRST_CHAT = 3001
TECHNICIANS = ("tom", "dora", "ana")
COMPANY_PASSWORD = "canario azul 7319"  # of the second company; the first password of the others is their RUC


@dataclass
class Scene:
    """``trouble``: what went wrong in a way no check of the rows can see."""

    plan: Plan
    folder: Path
    url: str
    environment: dict[str, str]
    sim: httpx.AsyncClient
    desk: Desk
    database: Database
    rng: random.Random
    told: Told
    moments: Moments
    technicians: list[TechnicianAtWork]
    trouble: list[str] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)

    async def up(self, **more: str) -> None:
        """The desk runs; what the journal holds until now is another story."""
        await self.moments.newborn()
        if not self.desk.is_running:
            await self.desk.start(**more)

    async def up_anew(self, **more: str) -> None:
        """The desk is started with ``more`` in its environment; one that runs is killed first."""
        if self.desk.is_running:
            await self.desk.kill()
        await self.up(**more)

    async def _customer(self, chat: int) -> Customer:
        name = f"cliente{chat - FIRST_CHAT + 1}"
        person = {"id": chat, "first_name": name, "phone": phone_number(chat)}
        (await self.sim.post("/sim/people", json=person)).raise_for_status()
        phone = Phone(self.sim, chat, self.told)
        ruc, seed = self.told.companies[chat], self.plan.seed
        numbers = self.technicians[0].numbers
        password = COMPANY_PASSWORD if ruc == RUCS[1] else ruc
        return Customer(phone, name, ruc, password=password, told=self.told, numbers=numbers, seed=seed)

    async def begin(self) -> None:
        """The desk runs, the technicians are in, the customers have their phones on."""
        await self.up()
        await asyncio.gather(*(technician.enter() for technician in self.technicians))
        self.customers = [await self._customer(chat) for chat in self.told.companies]

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """Everybody plays beside the body and comes to an end after it; the technicians when no customer is left."""
        is_over, is_silent = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for technician in self.technicians:
                group.create_task(self._persists(technician, is_silent))
            customers = [group.create_task(self._persists(customer, is_over)) for customer in self.customers]
            yield
            is_over.set()
            await asyncio.gather(*customers)
            is_silent.set()

    async def _persists(self, person: Customer | TechnicianAtWork, end: asyncio.Event) -> None:
        """Whoever gives up has lost something: that is for the checker to say."""
        try:
            await person.play(end.is_set)
        except NothingHappensError as complaint:
            self.told.complaints.append(str(complaint))


@asynccontextmanager
async def staged(plan: Plan, folder: Path) -> AsyncIterator[Scene]:
    """A scene with the companies and technicians registered and the desk not started yet."""
    url = await databases.fresh_url(plan.backend, folder)
    simulator = SimulatorProcess(seed=plan.seed, log=folder / "simulator.log")
    environment = _environment(plan, folder, url)
    database = Database(url)
    told = _companies(plan)
    told.canaries = {
        "a technician's password": PASSWORD,
        "a company's password": COMPANY_PASSWORD,
        "the bot's token": TOKEN,
        "the secret key": environment["SECRET_KEY"],
    }
    try:
        await simulator.start()
        tokens = await _register(database, told, TECHNICIANS[: plan.technicians])
        told.canaries |= {f"the token of {name}": token for name, token in tokens.items()}
        environment |= {"TELEGRAM_API_URL": simulator.url, "SMTP_URL": simulator.smtp_url}
        desk = (WarmDesk if plan.is_warm else Desk)(environment, folder / "desk.log")
        await desk.open()
        try:
            async with (
                httpx.AsyncClient(base_url=simulator.url, timeout=90) as sim,
                _browsers(plan, environment) as them,
            ):
                yield _scene(plan, folder, url, environment, sim, desk, database, told, tokens, them)
        finally:
            await desk.close()
    finally:
        await simulator.stop()
        await database.close()
        await databases.drop(url)


def _scene(
    plan: Plan,
    folder: Path,
    url: str,
    environment: dict[str, str],
    sim: httpx.AsyncClient,
    desk: Desk,
    database: Database,
    told: Told,
    tokens: dict[str, str],
    browsers: list[httpx.AsyncClient],
) -> Scene:
    rng, numbers = random.Random(plan.seed), asyncio.Queue[int]()
    technicians = [
        TechnicianAtWork(browser, name, token=token, told=told, numbers=numbers, seed=plan.seed)
        for browser, (name, token) in zip(browsers, tokens.items(), strict=True)
    ]
    submits = [technician.submits for technician in technicians]
    moments = Moments(sim, rng, submits, start_seconds=0.6 if plan.is_warm else 3.0)
    return Scene(plan, folder, url, environment, sim, desk, database, rng, told, moments, technicians)


@asynccontextmanager
async def _browsers(plan: Plan, environment: dict[str, str]) -> AsyncIterator[list[httpx.AsyncClient]]:
    address = f"http://127.0.0.1:{environment['PANEL_PORT']}"
    browsers = [httpx.AsyncClient(base_url=address, timeout=30) for _ in range(plan.technicians)]
    try:
        yield browsers
    finally:
        for browser in browsers:
            await browser.aclose()


def _environment(plan: Plan, folder: Path, url: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": f"clave-canario-{plan.seed:040}",
        "PANEL_HOST": "127.0.0.1",
        "PANEL_PORT": str(free_port()),
        "REQUIRE_TOTP": "false",
        "DESK_EMAIL": "soporte@saci.example",
        **({} if plan.has_limits else {"SEND_PER_SECOND": "100000", "SEND_PER_CHAT": "100000/s burst 1000"}),
    }


def _companies(plan: Plan) -> Told:
    told = Told()
    for place in range(plan.customers):
        told.companies[FIRST_CHAT + place] = RUCS[place // 2 % len(RUCS)]
    return told


async def _register(database: Database, told: Told, names: tuple[str, ...]) -> dict[str, str]:
    """Companies and technicians; the technicians' tokens for the REST interface."""
    chosen = (PASSWORD, COMPANY_PASSWORD)
    hashed, of_company = [await passwords.hash_password(normalise_password(password)) for password in chosen]
    async with database.write() as session:
        for ruc in dict.fromkeys(told.companies.values()):
            phones = [phone_number(chat) for chat, of in told.companies.items() if of == ruc]
            company = await companies.register(
                session,
                None,
                ruc=ruc,
                name=f"Empresa {ruc}",
                emails=[f"pagos@{ruc}.example"],
                phones=phones,
                purchased_minutes=600,
            )
            company.password_hash = of_company if ruc == RUCS[1] else None
        for name in names:
            await staff.add_technician(session, username=name, name=name.capitalize(), password_hash=hashed)
        return {name: await staff.api_token(session, name) for name in names}


def phone_number(chat: int) -> str:
    return f"+59399{chat:07}"
