"""Milliseconds a page of the panel takes, beside the plainest page there is, in desks of three sizes."""

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from benchmarks import desk, filled
from benchmarks.bot_api import BotApi
from benchmarks.figures import BenchmarkError, Figure, percentile
from benchmarks.panel import Panel
from benchmarks.processes import Process, free_port, python
from benchmarks.run import Run
from core import migrations, passwords
from core.db import Database

SIZES = (1_000, 10_000, 100_000)
QUICK = (500, 1_000)
WORD = "factura"
PAGES = {
    "queue": "/",
    "queue, closed": "/?state=closed",
    "ticket of 10 articles": "/tickets/{number}",
    "search": f"/?q={WORD}",
    "companies": "/companies",
    "company": "/companies/0900000001001",
    "billing": "/billing",
    "reports": "/reports",
    "deliveries": "/deliveries",
    "settings": "/settings",
}
WEIGHED = {"import of companies": "/companies/import", "account": "/account"}  # seldom opened, so not timed
HEAVIEST = 100  # KB of a first visit


@dataclass(frozen=True)
class Contender:
    name: str
    visit: Callable[[int], None]


def measure(run: Run) -> Iterable[Figure]:
    """Both databases, each page in turn with the plainest one, and a reply in turn with the plainest commit."""
    bare = _bare(run)
    for backend, url in (("SQLite", desk.sqlite(run.folder)), ("PostgreSQL", desk.postgresql(run))):
        asyncio.run(_begin(url))
        before: dict[str, float] = {}
        for size in QUICK if run.quick else SIZES:
            asyncio.run(_grow(run, url, size))
            run.say(f"{backend}: {size} tickets")
            yield from _visit(run, bare, backend, url, size, before)


def _bare(run: Run) -> httpx.Client:
    port = free_port()
    process = run.stack.enter_context(Process(python("-m", "benchmarks.bare", str(port)), run.folder / "bare.log"))
    client = run.stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        process.check()
        try:
            client.get("/").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return client
    raise BenchmarkError("the plainest page did not start")


async def _begin(url: str) -> None:
    database = Database(url)
    await migrations.upgrade(database)
    hashed = await passwords.hash_password(desk.PASSWORD)
    await filled.begin(database, username=desk.USERNAME, password_hash=hashed)
    await database.close()


async def _grow(run: Run, url: str, size: int) -> None:
    database = Database(url)
    await filled.grow(run, database, size)
    await database.close()


def _visit(
    run: Run, bare: httpx.Client, backend: str, url: str, size: int, before: dict[str, float]
) -> Iterable[Figure]:
    api = BotApi(run, f"{backend}-{size}-api")
    settings = desk.settings_of(api, run.folder, url)
    log = run.folder / f"{backend}-{size}.log"
    with Process(python("-m", "bot", "panel"), log, settings=settings) as process:
        address = process.says(r"Panel\s+(http://[^/\s]+)")
        with httpx.Client(base_url=address, timeout=60) as http:
            panel = Panel(http)
            panel.log_in(desk.USERNAME, desk.PASSWORD)
            label = f"{backend}, {size} tickets"
            yield from _pages(run, http, bare, label, before, size)
            yield from _replies(run, panel, label, size)
            if size == (QUICK if run.quick else SIZES)[0] and backend == "SQLite":
                yield from _weights(http, size)


def _pages(
    run: Run, http: httpx.Client, bare: httpx.Client, label: str, before: dict[str, float], size: int
) -> Iterable[Figure]:
    turns = run.size(100, 10)
    for name, path in PAGES.items():
        taken, plain = [], []
        for turn in range(-3, turns):
            plain.append(_timed(bare, "/"))
            taken.append(_timed(http, path.format(number=_long(size, turn))))
        own, its = taken[3:], plain[3:]
        run.say(f"{label}: {name}, {percentile(own, 50):.1f} ms beside {percentile(its, 50):.1f} ms")
        yield Figure(f"{label}: {name}, p50", "ms", [percentile(own, 50)])
        yield Figure(f"{label}: {name}, p95", "ms", [percentile(own, 95)])
        yield Figure(f"{label}: {name} : plainest page", "ratio", [percentile(own, 50) / percentile(its, 50)])
        p95 = percentile(own, 95)
        yield Figure(f"{label}: {name}, p95 : smallest desk", "ratio", [p95 / before.setdefault(name, p95)])


def _timed(http: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = http.get(path)
    taken = 1000 * (time.perf_counter() - begun)
    if answer.status_code != 200:
        raise BenchmarkError(f"{path} answered {answer.status_code}")
    return taken


def _long(size: int, turn: int) -> int:
    """A ticket of many articles, another one each time."""
    return size - 100 * (turn % (size // 100))


def _replies(run: Run, panel: Panel, label: str, size: int) -> Iterable[Figure]:
    """The form's POST alone; the plainest commit is one row through SQLAlchemy, in a file beside."""
    turns = run.size(60, 6)
    forms = [panel.form(f"/tickets/{_long(size, turn)}", "/reply") for turn in range(turns)]
    taken = []
    with asyncio.Runner() as runner:
        commits = runner.run(_Commits.open(run.folder / f"commits-{label.replace(' ', '-')}.db"))
        plain = []
        for form in forms:
            plain.append(runner.run(commits.one()))
            begun = time.perf_counter()
            panel.send(form, text="Reinicie el servicio de impresión.")
            taken.append(1000 * (time.perf_counter() - begun))
        runner.run(commits.database.close())
    yield Figure(f"{label}: saving a reply, p50", "ms", [percentile(taken, 50)])
    yield Figure(
        f"{label}: saving a reply : plainest commit", "ratio", [percentile(taken, 50) / percentile(plain, 50)]
    )


class _Commits:
    """One INSERT a commit, in an SQLite file with the desk's own pragmas."""

    table = Table("rows", MetaData(), Column("id", Integer, primary_key=True), Column("text", String(200)))

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    async def open(cls, path: Path) -> "_Commits":
        database = Database(f"sqlite+aiosqlite:///{path}")
        async with database.write() as session:
            await (await session.connection()).run_sync(cls.table.metadata.create_all)
        return cls(database)

    async def one(self) -> float:
        begun = time.perf_counter()
        async with self.database.write() as session:
            await session.execute(insert(self.table), [{"text": "Reinicie el servicio de impresión."}])
        return 1000 * (time.perf_counter() - begun)


def _weights(http: httpx.Client, size: int) -> Iterable[Figure]:
    """What a first visit loads of each page: at most HEAVIEST is wanted."""
    for name, path in (PAGES | WEIGHED).items():
        yield from _weight(http, name, path.format(number=_long(size, 0)))
    with httpx.Client(base_url=http.base_url, timeout=60) as stranger:
        yield from _weight(stranger, "log-in", "/login")


def _weight(http: httpx.Client, name: str, path: str) -> Iterable[Figure]:
    """The page and all that it names, as it comes over the line to a browser, and unpacked."""
    page = http.get(path)
    addresses: list[str] = re.findall(r'<(?:link|script|use|img)[^>]+(?:src|href)="([^"#]+)', page.text)
    foreign = [address for address in addresses if not address.startswith("/")]
    if foreign:
        raise BenchmarkError(f"{name} loads {foreign[0]}")
    parts = [page, *(http.get(address) for address in sorted(set(addresses)))]
    for part in parts:
        if part.status_code != 200:
            raise BenchmarkError(f"{name}: {part.url.path} answered {part.status_code}")
    transferred = sum(part.num_bytes_downloaded for part in parts) / 1024
    yield Figure(f"weight of {name}, transferred (wanted: at most {HEAVIEST})", "KB", [transferred])
    yield Figure(f"weight of {name}, unpacked", "KB", [sum(len(part.content) for part in parts) / 1024])
