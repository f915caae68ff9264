"""Milliseconds from a question to its first page, in a desk of many tickets, on both databases."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from benchmarks import desk, filled
from benchmarks.figures import Figure, percentile
from benchmarks.run import Run
from core import migrations
from core.clock import now
from core.db import Database
from core.i18n import Translator
from core.models import Binding, Person
from core.queries import search
from core.rules import asking
from core.rules.identity import Level

ZONE = Translator().timezone

_CUSTOMER = search.customer(Person(id=1), Binding(company_id=1, level=Level.VERIFIED))

# asked by the desk, and by a customer of one company
QUESTIONS: Mapping[str, str] = {
    "rare word": "rara77",
    "common word": "factura",
    "beginning": "fac",
    "two words": "factura impresora",
    "number": "54321",
    "nothing": "jamasdicho",
}


def measure(run: Run) -> Iterable[Figure]:
    """Each question many times, a page of 25 for the desk and of 6 for a customer."""
    size = run.size(100_000, 5_000)
    for backend, url in (("SQLite", desk.sqlite(run.folder)), ("PostgreSQL", desk.postgresql(run))):
        yield from asyncio.run(_on(run, backend, url, size))


async def _on(run: Run, backend: str, url: str, size: int) -> list[Figure]:
    database = Database(url)
    await migrations.upgrade(database)
    await filled.begin(database)
    await filled.grow(run, database, size)
    found = []
    for who in ("desk", "customer"):
        for name, question in QUESTIONS.items():
            taken = [await _ask(database, question, who) for _ in range(run.size(40, 10))][1:]
            label = f"{backend}, {size} tickets, {who}: {name}"
            found.append(Figure(f"{label}, p50", "ms", [percentile(taken, 50)]))
            found.append(Figure(f"{label}, p95", "ms", [percentile(taken, 95)]))
    await database.close()
    return found


async def _ask(database: Database, question: str, who: str) -> float:
    eyes, size = (search.STAFF, 25) if who == "desk" else (_CUSTOMER, 6)
    begun = time.perf_counter()
    async with database.read() as session:
        asked = asking.read(question, now=now().astimezone(ZONE))
        await search.find(session, search.TICKETS, asked, eyes=eyes, zone=ZONE, size=size)
    return 1000 * (time.perf_counter() - begun)
