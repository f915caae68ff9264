"""A desk with a year of tickets: most are closed, the newest are under way, a word in five is a common one."""

import random
from datetime import timedelta

from sqlalchemy import func, insert, select, text

from benchmarks.run import Run
from core.actions import companies, indexing
from core.clock import now
from core.db import Database, ReadSession
from core.models import Article, ArticleKind, Person, Technician, Ticket
from core.rules.permissions import Role
from core.rules.services import Service
from core.rules.states import State, urgent_at

BATCH = 1000
COMPANIES = 200
ARTICLES = 3
LONG = 10  # articles of every hundredth ticket, which is under way
ACTIVE = 0.05  # of all
COMMON = ("factura", "impresora", "sistema", "reporte", "cliente", "error", "clave", "pantalla")


async def begin(database: Database, *, username: str = "", password_hash: str = "") -> None:
    """The companies, one person, and where a name is given a technician."""
    moment = now()
    async with database.write() as session:
        for number in range(COMPANIES):
            ruc = f"09{number:08d}001"
            await companies.register(session, None, ruc=ruc, name=f"Empresa {number}")
        session.add(Person(id=1, telegram_id=1, first_name="Ada", created_at=moment))
        if username:
            session.add(
                Technician(
                    username=username,
                    name=username.capitalize(),
                    role=Role.ADMINISTRATOR,
                    password_hash=password_hash,
                    created_at=moment,
                )
            )


async def grow(run: Run, database: Database, size: int) -> None:
    """Tickets up to number ``size``, written as the desk itself would index them."""
    dice = run.dice()
    async with database.read() as session:
        there = await _tickets(session)
    for first in range(there + 1, size + 1, BATCH):
        async with database.write() as session:
            numbers = range(first, min(first + BATCH, size + 1))
            await session.execute(insert(Ticket), [_ticket(dice, number, size) for number in numbers])
            known = (
                await session.execute(select(Ticket.id, Ticket.articles_count).where(Ticket.number.in_(numbers)))
            ).all()
            await session.execute(
                insert(Article), [row for one, count in known for row in _articles(dice, one, count)]
            )
            for ticket_id, _ in known:
                indexing.renew(session, ticket_id)
        if first % (5 * BATCH) == 1:
            run.say(f"{first - 1} of {size} tickets are written")
    if not database.is_sqlite:  # PostgreSQL looks at its tables by itself, a desk's SQLite never does
        async with database.write() as session:
            await session.execute(text("ANALYZE"))


async def _tickets(session: ReadSession) -> int:
    return await session.scalar(select(func.coalesce(func.max(Ticket.number), 0))) or 0


def _ticket(dice: random.Random, number: int, size: int) -> dict[str, object]:
    at = now() - timedelta(minutes=5 * (size - number + 1))
    is_active = number % 100 == 0 or dice.random() < ACTIVE
    state = dice.choice((State.NEW, State.OPEN)) if is_active else State.INVOICED
    return {
        "number": number,
        "company_id": number % COMPANIES + 1,
        "opened_by_id": 1,
        "is_verified": True,
        "service": Service.SUPPORT,
        "product": "SaciJava",
        "subject": sentence(dice, 5),
        "state": state,
        "customer_spoke_last": is_active,
        "turn_at": at,
        "urgent_at": urgent_at(state, is_active, turn_at=at, remind_at=None),
        "articles_count": LONG if number % 100 == 0 else ARTICLES,
        "closures_count": 0,
        "created_at": at,
        "reopened_at": at,
        "updated_at": at,
        "version": 1,
    }


def _articles(dice: random.Random, ticket_id: int, count: int) -> list[dict[str, object]]:
    return [
        {
            "ticket_id": ticket_id,
            "position": position,
            "kind": ArticleKind.CUSTOMER,
            "person_id": 1,
            "text": sentence(dice, 25),
            "created_at": now(),
        }
        for position in range(1, count + 1)
    ]


def sentence(dice: random.Random, words: int) -> str:
    """The other words are among fifty thousand."""
    return " ".join(
        dice.choice(COMMON) if dice.random() < 0.2 else f"rara{dice.randrange(50_000)}" for _ in range(words)
    )
