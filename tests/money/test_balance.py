"""A balance that runs low is told once, and minutes whose date has passed leave by a line of their own."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from core.actions import purchases
from core.clock import now
from core.models import Company, OutboxRow, Technician
from core.rules.closures import Closure
from core.rules.ledger import LineKind
from core.rules.permissions import Role


@pytest.fixture
def backend():
    return "sqlite"


async def warnings_to_ada(ada):
    return [
        row.payload["text"]
        for row in await ada.desk.all_of(OutboxRow)
        if "Sus horas compradas" in row.payload.get("text", "")
    ]


async def test_the_contact_person_is_told_once_as_the_hours_run_low(ada):
    async with ada.desk.database.write() as session:
        await session.execute(update(Company).values(contact_person_id=ada.person.id))
    await ada.close(Closure.IMPLEMENTATION, 70)
    assert await warnings_to_ada(ada) == []
    await ada.close(Closure.IMPLEMENTATION, 20)
    (told,) = await warnings_to_ada(ada)
    assert "quedan 1 h 50 min" in told
    await ada.close(Closure.IMPLEMENTATION, 20)
    assert len(await warnings_to_ada(ada)) == 1


async def test_minutes_whose_date_has_passed_leave_by_a_line(ada):
    berta = await ada.desk.employ("berta", role=Role.BILLING)
    async with ada.desk.database.write() as session:
        actor = await session.get_one(Technician, berta.id)
        company = await session.get_one(Company, ada.company.id)
        tomorrow = now() + timedelta(days=1)
        await purchases.buy(session, actor, company, minutes=60, reference="001", expires_at=tomorrow)
    for _ in range(2):
        with time_machine.travel(tomorrow + timedelta(minutes=1)):
            async with ada.desk.database.write() as session:
                await purchases.expire_due(session)
    assert (await ada.lines())[1:] == [(LineKind.PURCHASE, 60), (LineKind.EXPIRY, -60)]
    assert await ada.balances() == (0, 200)
