"""Milliseconds from a question to its first page, in a desk of many tickets, on both databases."""

import asyncio
import random
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import insert, select, text

from benchmarks import desk
from benchmarks.figures import Figure, percentile
from benchmarks.run import Run
from core import migrations
from core.actions import companies, indexing
from core.clock import now
from core.db import Database
from core.i18n import Translator
from core.models import Article, ArticleKind, Binding, Person, Ticket
from core.queries import search
from core.rules import asking
from core.rules.identity import Level
from core.rules.services import Service
from core.rules.states import State

BATCH = 1000
COMPANIES = 200
ARTICLES = 3
COMMON = ("factura", "impresora", "sistema", "reporte", "cliente", "error", "clave", "pantalla")
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
    await _write(run, database, size)
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


async def _write(run: Run, database: Database, size: int) -> None:
    """Tickets of three articles, a year of them, as the desk itself would index them."""
    dice, moment = run.dice(), now()
    async with database.write() as session:
        for number in range(COMPANIES):
            ruc = f"09{number:08d}001"
            await companies.register(session, None, ruc=ruc, name=f"Empresa {number}")
        session.add(Person(id=1, telegram_id=1, first_name="Ada", created_at=moment))
    for first in range(1, size + 1, BATCH):
        async with database.write() as session:
            numbers = range(first, min(first + BATCH, size + 1))
            await session.execute(insert(Ticket), [_ticket(dice, number, size) for number in numbers])
            ids = (await session.scalars(select(Ticket.id).where(Ticket.number.in_(numbers)))).all()
            await session.execute(insert(Article), [row for ticket_id in ids for row in _articles(dice, ticket_id)])
            for ticket_id in ids:
                indexing.renew(session, ticket_id)
        if first % (20 * BATCH) == 1:
            run.say(f"{first - 1} of {size} tickets are written")
    async with database.write() as session:
        await session.execute(text("ANALYZE"))


def _ticket(dice: random.Random, number: int, size: int) -> dict[str, object]:
    at = now() - timedelta(minutes=5 * (size - number + 1))
    return {
        "number": number,
        "company_id": number % COMPANIES + 1,
        "opened_by_id": 1,
        "is_verified": True,
        "service": Service.SUPPORT,
        "product": "SaciJava",
        "subject": _sentence(dice, 5),
        "state": State.INVOICED,
        "customer_spoke_last": False,
        "articles_count": ARTICLES,
        "closures_count": 0,
        "created_at": at,
        "reopened_at": at,
        "updated_at": at,
        "version": 1,
    }


def _articles(dice: random.Random, ticket_id: int) -> list[dict[str, object]]:
    return [
        {
            "ticket_id": ticket_id,
            "position": position,
            "kind": ArticleKind.CUSTOMER,
            "text": _sentence(dice, 25),
            "created_at": now(),
        }
        for position in range(1, ARTICLES + 1)
    ]


def _sentence(dice: random.Random, words: int) -> str:
    """One word in five is among eight common ones, the others among fifty thousand."""
    return " ".join(
        dice.choice(COMMON) if dice.random() < 0.2 else f"rara{dice.randrange(50_000)}" for _ in range(words)
    )
