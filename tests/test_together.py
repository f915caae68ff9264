"""Questions that are asked together are answered as each would be alone, on both databases."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, literal, null, select, union_all

from core.clock import now
from core.db import Database
from core.models import (
    Company,
    EventKind,
    HolidayChange,
    PolicyValue,
    Product,
    Technician,
    Ticket,
    TicketEvent,
)
from core.queries import hours, policy, together
from core.queries.together import Question
from core.rules.permissions import Role
from core.rules.services import Service
from core.rules.states import State

WORDS = '«Ñandú» "dice"\n\\ ¿qué? 🧾 \u2028 </script>'
QUITO = timezone(timedelta(hours=-5))
MOMENTS = [datetime(2026, 2, 28, 23, 59, 59, micros, tzinfo=QUITO) for micros in (0, 120_000, 999_999)]


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        tom = Technician(username="tom", name=WORDS, role=Role.AUDITOR, is_development=True, created_at=now())
        company = Company(ruc="0900000001001", name="Comercial", created_at=now())
        session.add_all([tom, company])
        await session.flush()
        ticket = Ticket(
            number=2**31 - 1,
            company_id=company.id,
            is_verified=False,
            service=Service.SUPPORT,
            product="SaciJava",
            subject=WORDS,
            state=State.NEW,
            customer_spoke_last=True,
            articles_count=0,
            closures_count=0,
            **dict.fromkeys(("created_at", "reopened_at", "updated_at"), now()),
        )
        session.add(ticket)
        await session.flush()
        for at in MOMENTS:
            data = {"to": WORDS, "n": 2**53, "so": True, "none": None, "deep": [{"a": []}]}
            session.add(TicketEvent(ticket_id=ticket.id, kind=EventKind.TAKEN, data=data, at=at))
        session.add_all([PolicyValue(name=name, value=value) for name, value in POLICY.items()])
        session.add(HolidayChange(day=date(2026, 12, 24), name=WORDS))
    return database


POLICY = {"files_mandatory": True, "grace_days": 0, "legal": {"support": []}, "services": ["support"]}

QUERIES = (
    select(Ticket.id, Ticket.number, Ticket.subject, Ticket.state, Ticket.is_verified, Ticket.remind_at),
    select(TicketEvent.id, TicketEvent.kind, TicketEvent.technician_id, TicketEvent.data, TicketEvent.at),
    select(Technician.name, Technician.role, Technician.is_development, Technician.disabled_at),
    select(PolicyValue.name, PolicyValue.value),
    select(HolidayChange.day, HolidayChange.name),
    select(Ticket.id, Ticket.subject).where(Ticket.id == -1),
    union_all(
        select(literal(1).label("kind"), Ticket.subject.label("words")), select(literal(2), null().label("words"))
    ),
)


async def test_each_is_answered_as_it_would_be_alone(filled: Database):
    questions = [Question(lambda *row: row, query) for query in QUERIES]
    async with filled.read() as session:
        answers = await together.ask(session, questions)
        for query, question in zip(QUERIES, questions, strict=True):
            alone = [tuple(row) for row in await session.execute(query)]
            assert list(answers[question]) == alone
            assert repr(answers[question]) == repr(tuple(alone)), "of the same types, too"
            assert await question.ask(session) == answers[question]
    assert [row[-1] for row in answers[questions[1]]] == [at.astimezone(UTC) for at in MOMENTS]
    assert all(row[-1].tzinfo is UTC for row in answers[questions[1]])


async def test_the_order_of_the_rows_is_that_of_the_question(filled: Database):
    question = Question(lambda at: at, select(TicketEvent.at).order_by(TicketEvent.at.desc()).limit(2))
    async with filled.read() as session:
        assert list(await question.ask(session)) == MOMENTS[:0:-1]


async def test_a_list_that_is_kept_is_never_an_old_one(filled: Database):
    async with filled.read() as session:
        before = await policy.desk_policy(session)
        assert await hours.HOURS.ask(session) is await hours.HOURS.ask(session), "it was kept"
    async with filled.write() as session:
        await session.execute(delete(PolicyValue))
        await session.execute(delete(HolidayChange))
        (await session.scalars(select(Product).order_by(Product.id))).first().label = "Otro"
    async with filled.read() as session:
        after = await policy.desk_policy(session)
        assert (before.files_mandatory, after.files_mandatory) == (True, False)
        assert not any(row.day for row in await hours.HOURS.ask(session))
        assert "Otro" in {product.label for product in await policy.PRODUCTS.ask(session)}
