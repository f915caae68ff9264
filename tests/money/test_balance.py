"""A balance that runs low is told once to company and desk, and so are minutes that expire or soon will."""

import dataclasses
from datetime import timedelta

import time_machine
from sqlalchemy import update

from core import jobs
from core.actions import purchases
from core.clock import now
from core.models import Binding, Channel, Company, CompanyEmail, OutboxRow, StaffChat, Technician
from core.rules.closures import Closure
from core.rules.ledger import LineKind
from core.rules.permissions import Role
from tests.money.accounts import Accounts

NOON = "2026-11-24T17:00:00Z"  # a Tuesday, the desk is open
DESK_CHAT = 777
MAILBOX = "contabilidad@ada.example"


async def has_mail(ada: Accounts, address: str = MAILBOX) -> None:
    async with ada.desk.database.write() as session:
        session.add(CompanyEmail(company_id=ada.company.id, address=address))


async def is_linked(ada: Accounts, role: Role = Role.BILLING) -> None:
    """Berta, who writes the invoices, has her phone linked to the desk."""
    berta = await ada.desk.employ("berta", role=role)
    async with ada.desk.database.write() as session:
        chat = StaffChat(technician_id=berta.id, chat_id=DESK_CHAT, wishes={"hours": "always"}, linked_at=now())
        session.add(chat)


async def bought(ada: Accounts, minutes: int, *, good_for: timedelta) -> None:
    sofia = await ada.desk.employ("carla", role=Role.BILLING)
    async with ada.desk.database.write() as session:
        actor = await session.get_one(Technician, sofia.id)
        company = await session.get_one(Company, ada.company.id)
        await purchases.buy(session, actor, company, minutes=minutes, reference="001", expires_at=now() + good_for)


async def swept(ada: Accounts, times: int = 2) -> None:
    for _ in range(times):
        await jobs.run(ada.desk.database, None, jobs.hours_of(ada.desk.office))


async def told(ada: Accounts, lane: str | int | None = None) -> list[str]:
    """What was said about purchased hours in a chat, Ada's unless named."""
    wanted = str(lane or ada.person.telegram_id)
    rows = [row for row in await ada.desk.all_of(OutboxRow) if row.lane == wanted]
    return [row.payload["text"] for row in rows if "oras compradas" in row.payload.get("text", "")]


async def mailed(ada: Accounts, address: str = MAILBOX) -> list[str]:
    rows = [row for row in await ada.desk.all_of(OutboxRow) if row.channel is Channel.EMAIL]
    return [
        row.payload["text"]
        for row in rows
        if row.payload["to"] == [address] and "Horas compradas" in row.payload["subject"]
    ]


async def test_the_contact_person_is_told_once_as_the_hours_run_low(ada):
    async with ada.desk.database.write() as session:
        await session.execute(update(Company).values(contact_person_id=ada.person.id))
    await ada.close(Closure.IMPLEMENTATION, 70)
    assert await told(ada) == []
    await ada.close(Closure.IMPLEMENTATION, 20)
    (words,) = await told(ada)
    assert "quedan 1 h 50 min" in words
    await ada.close(Closure.IMPLEMENTATION, 20)
    assert len(await told(ada)) == 1


async def test_the_desk_is_told_on_the_phone_and_by_mail(ada):
    ada.desk.office = dataclasses.replace(
        ada.desk.office, email="mesa@desk.example", panel_url="https://mesa.example"
    )
    await is_linked(ada)
    await ada.close(Closure.IMPLEMENTATION, 90)
    (words,) = await told(ada, DESK_CHAT)
    assert "Ferretería Ada" in words
    assert "quedan 1 h 50 min" in words
    (mail,) = await mailed(ada, "mesa@desk.example")
    assert "quedan 1 h 50 min" in mail
    assert f"https://mesa.example/companies/{ada.company.ruc}" in mail
    await ada.close(Closure.IMPLEMENTATION, 20)
    assert len(await told(ada, DESK_CHAT)) == len(await mailed(ada, "mesa@desk.example")) == 1


async def test_who_cannot_sell_hours_is_not_rung_for_them(ada):
    await is_linked(ada, Role.TECHNICIAN)
    await ada.close(Closure.IMPLEMENTATION, 90)
    assert await told(ada, DESK_CHAT) == []


async def test_a_company_without_any_chat_is_told_by_mail(ada):
    async with ada.desk.database.write() as session:
        await session.execute(update(Binding).values(ended_at=now()))
    await has_mail(ada)
    await has_mail(ada, f"{'x' * 60}@{'y' * 60}.example")
    await ada.close(Closure.IMPLEMENTATION, 90)
    (mail,) = await mailed(ada)
    assert "quedan 1 h 50 min" in mail
    assert len(await mailed(ada, f"{'x' * 60}@{'y' * 60}.example")) == 1


async def test_where_nobody_is_reached_the_desk_reads_it(ada):
    async with ada.desk.database.write() as session:
        await session.execute(update(Binding).values(ended_at=now()))
    await is_linked(ada)
    await ada.close(Closure.IMPLEMENTATION, 90)
    (words,) = await told(ada, DESK_CHAT)
    assert "No se pudo avisar a nadie de la empresa" in words


async def test_where_nobody_is_in_charge_everybody_verified_is_told(ada):
    await ada.close(Closure.IMPLEMENTATION, 90)
    assert len(await told(ada)) == 1


async def test_a_company_that_bought_little_hears_when_nothing_is_left(desk):
    ada = await Accounts.opened(desk, purchased=90)
    await ada.close(Closure.IMPLEMENTATION, 30)
    assert await told(ada) == []
    await ada.close(Closure.IMPLEMENTATION, 60)
    (words,) = await told(ada)
    assert "Sus horas compradas se terminaron." in words


async def test_minutes_whose_date_has_passed_leave_by_a_line_and_it_is_told(ada):
    with time_machine.travel(NOON, tick=False):
        await is_linked(ada)
        await has_mail(ada)
        await bought(ada, 60, good_for=timedelta(days=1))
    with time_machine.travel(NOON, tick=False) as clock:
        clock.shift(timedelta(days=1, minutes=1))
        await swept(ada)
    assert (await ada.lines())[1:] == [(LineKind.PURCHASE, 60), (LineKind.EXPIRY, -60)]
    assert await ada.balances() == (0, 200)
    for said in (await told(ada), await told(ada, DESK_CHAT), await mailed(ada)):
        (words,) = said
        assert "1 h" in words
        assert "ya vencieron" in words
        assert "quedan 3 h 20 min" in words


async def test_what_a_closing_found_expired_is_told_as_well(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        await bought(ada, 60, good_for=timedelta(days=1))
        clock.shift(timedelta(days=1, minutes=1))
        await ada.close(Closure.IMPLEMENTATION, 20)
        await swept(ada)
    (words,) = await told(ada)
    assert "ya vencieron" in words


async def test_at_night_minutes_leave_and_it_is_told_in_the_morning(ada):
    with time_machine.travel("2026-11-24T17:00:00Z", tick=False) as clock:
        await bought(ada, 60, good_for=timedelta(hours=12))
        clock.shift(timedelta(hours=13))
        await swept(ada)
        assert await ada.balances() == (0, 200)
        assert await told(ada) == []
        clock.shift(timedelta(hours=10))
        await swept(ada)
        assert len(await told(ada)) == 1


async def test_company_and_desk_are_told_once_before_minutes_expire(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        await is_linked(ada)
        await has_mail(ada)
        await bought(ada, 60, good_for=timedelta(days=43))
        await swept(ada)
        assert await told(ada) == []
        clock.shift(timedelta(days=29))
        await swept(ada)
        clock.shift(timedelta(days=1))
        await swept(ada)
    for said in (await told(ada), await told(ada, DESK_CHAT), await mailed(ada)):
        (words,) = said
        assert "1 h" in words
        assert "06/01/2027" in words


async def test_who_joins_the_company_later_is_not_told_what_was_told(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        await bought(ada, 60, good_for=timedelta(days=43))
        clock.shift(timedelta(days=30))
        await swept(ada)
        zoe = await ada.desk.greets(ada.company, chat=4321)
        await swept(ada)
    assert len(await told(ada)) == 1
    assert await told(ada, zoe.telegram_id) == []


async def test_nothing_is_said_before_used_up_minutes_expire(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        await bought(ada, 60, good_for=timedelta(days=43))
        await ada.close(Closure.IMPLEMENTATION, 255)
        clock.shift(timedelta(days=30))
        before = await told(ada)
        await ada.close(Closure.IMPLEMENTATION, 5)
        await swept(ada)
        assert len(await told(ada)) == len(before) + 1
