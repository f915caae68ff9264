"""Alerts on technicians' phones: when, for whom, and that nothing waits for a chat that is parted."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from core import jobs
from core.actions import alarms, alerts, articles, staff, staff_chats, tickets
from core.actions import pending as pending_actions
from core.actions.alarms import Staff
from core.clock import now
from core.i18n import Translators
from core.models import Desk as DeskRow
from core.models import OutboxRow, Person, StaffChat, Technician, Ticket
from core.queries.tickets import by_number
from core.render import alerts as words
from core.render.office import Office
from core.rules.alarms import AlarmKind, Level, Trouble
from core.rules.alerts import Alert
from core.rules.permissions import Role
from core.rules.states import State
from tests import databases
from tests.admin.desk import Desk

OFFICE = Office(
    name="SACI Soporte",
    translators=Translators(default="es", timezone="America/Guayaquil"),
    panel_url="https://mesa.example.org",
)
NOON, NIGHT = "2026-11-24T17:00:00Z", "2026-11-25T05:00:00Z"
CHAT = 777


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[1]


@pytest.fixture
async def desk(database) -> Desk:
    with time_machine.travel(NOON, tick=False):
        return Desk(database, OFFICE)


async def links(desk: Desk, username: str = "tom", chat: int = CHAT, role: Role = Role.TECHNICIAN):
    technician = await desk.employ(username, role)
    async with desk.database.write() as session:
        (await session.get_one(DeskRow, 1)).bot_username = "saci_bot"
        address, _ = await staff_chats.make_link(session, technician)
        person = Person(telegram_id=chat, first_name=username, created_at=now())
        session.add(person)
        assert await staff_chats.accept(session, person, address.partition("start=")[2]) is not None
    return technician


async def pending(desk: Desk, technician) -> Ticket:
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company), state=State.PENDING)
    async with desk.database.write() as session:
        found = await session.get_one(Ticket, ticket.id)
        found.responsible_id, found.remind_at = technician.id, now() - timedelta(minutes=1)
    return ticket


async def reminded(desk: Desk) -> list[OutboxRow]:
    await jobs.run(desk.database, None, jobs.alerts_of(OFFICE))
    return [row for row in await desk.all_of(OutboxRow) if row.lane == str(CHAT)]


async def given(desk: Desk, ticket: Ticket, *, by: Technician, to: Technician | None) -> None:
    async with desk.database.write() as session:
        found = await by_number(session, ticket.number, lock=True)
        await tickets.assign(session, await session.get_one(Technician, by.id), found, to=to, office=OFFICE)


async def left_pending(desk: Desk, ticket: Ticket, *, by: Technician, responsible: Technician, days: int = 3) -> None:
    async with desk.database.write() as session:
        found = await by_number(session, ticket.number, lock=True)
        actor = await session.get_one(Technician, by.id)
        await pending_actions.set_pending(
            session, actor, found, remind_at=now() + timedelta(days=days), responsible=responsible, office=OFFICE
        )


async def rung(desk: Desk) -> list[OutboxRow]:
    """What technicians' phones were told."""
    return [row for row in await desk.all_of(OutboxRow) if words.MARK in row.payload.get("text", "")]


async def test_a_reminder_is_told_once_to_whoever_is_responsible(desk):
    with time_machine.travel(NOON, tick=False):
        dora = await links(desk, "dora")
        await links(desk, "tom", chat=778)
        ticket = await pending(desk, dora)
        for _ in range(2):
            (row,) = await reminded(desk)
        assert f"Recordatorio #{ticket.number}" in row.payload["text"]
        button = row.payload["reply_markup"]["inline_keyboard"][0][0]
        assert button["url"] == f"https://mesa.example.org/tickets/{ticket.number}"
        assert (row.ticket_id, {one.lane for one in await desk.all_of(OutboxRow)}) == (None, {str(CHAT)})


async def test_who_is_given_a_ticket_is_told_once_and_nobody_else(desk):
    with time_machine.travel(NOON, tick=False):
        dora, tom = await links(desk, "dora"), await links(desk, "tom", chat=778)
        sofia = await desk.employ("sofia")
        company = await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        for _ in range(2):  # whose it is already is not told again
            await given(desk, ticket, by=sofia, to=tom)
        (row,) = await rung(desk)
        assert (row.lane, row.ticket_id) == ("778", None)
        assert f"Un ticket para usted #{ticket.number}" in row.payload["text"]
        assert "Se lo asignó Sofia." in row.payload["text"]
        button = row.payload["reply_markup"]["inline_keyboard"][0][0]
        assert button["url"] == f"https://mesa.example.org/tickets/{ticket.number}"

        await given(desk, ticket, by=dora, to=dora)
        await given(desk, ticket, by=dora, to=None)
        assert len(await rung(desk)) == 1, "what one gives oneself, or nobody, rings nowhere"
        await given(desk, ticket, by=dora, to=tom)
        assert [row.lane for row in await rung(desk)] == ["778", "778"], "another deed"


async def writes(desk: Desk, ticket: Ticket, *lines: str) -> None:
    """The customer, each in a transaction of its own."""
    for words_ in lines:
        async with desk.database.write() as session:
            found = await by_number(session, ticket.number, lock=True)
            ada = await session.get_one(Person, ticket.opened_by_id)
            article = await articles.add(session, ada, found, text=words_, content=None)
            await articles.tell(session, found, article, office=OFFICE)


async def test_a_customer_who_writes_on_a_ticket_of_nobody_rings_once_until_somebody_does_something(desk):
    with time_machine.travel(NOON, tick=False):
        await links(desk, "dora")
        await links(desk, "root", chat=778, role=Role.AUDITOR)
        tom, company = await desk.employ("tom"), await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        await writes(desk, ticket, "¿Hay alguien?", "¿Hola?")
        (row,) = await rung(desk)
        assert row.lane == str(CHAT), "an auditor takes no ticket"
        assert f"El cliente escribió #{ticket.number}" in row.payload["text"]
        assert "¿Hay alguien?" in row.payload["text"]

        await given(desk, ticket, by=tom, to=tom)
        await writes(desk, ticket, "Ya casi")
        assert len(await rung(desk)) == 1, "it is Tom's, who has linked no phone"
        await given(desk, ticket, by=tom, to=None)
        await writes(desk, ticket, "Sigue igual", "¿Me oyen?")
        assert ["Sigue igual" in one.payload["text"] for one in await rung(desk)] == [False, True]
        async with desk.database.write() as session:
            found = await by_number(session, ticket.number, lock=True)
            await tickets.note(session, await session.get_one(Technician, tom.id), found, text="Lo miro luego")
        await writes(desk, ticket, "Gracias por nada", "De verdad")
        assert len(await rung(desk)) == 3
        assert {one.lane for one in await rung(desk)} == {str(CHAT)}


async def test_who_opens_a_ticket_and_goes_on_writing_rings_once(desk):
    with time_machine.travel(NOON, tick=False):
        await links(desk, "dora")
        company = await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        async with desk.database.write() as session:
            alerts.note_opened(session, await by_number(session, ticket.number), office=OFFICE)
        await writes(desk, ticket, "Y otra cosa")
        (row,) = await rung(desk)
        assert f"Ticket nuevo #{ticket.number}" in row.payload["text"]


async def test_a_ticket_of_the_night_rings_when_its_customer_writes_in_the_morning(desk):
    company = await desk.registers()
    with time_machine.travel(NIGHT, tick=False) as clock:
        await links(desk, "dora")
        ticket = await desk.receives(company, await desk.greets(company))
        await writes(desk, ticket, "¿Hay alguien?")
        assert await rung(desk) == []
        clock.shift(timedelta(hours=12))
        await writes(desk, ticket, "¿Ahora sí?", "¿Y ahora?")
        assert ["¿Ahora sí?" in row.payload["text"] for row in await rung(desk)] == [True]


@pytest.mark.parametrize("whose", ["closed", "responsible", "never"])
async def test_a_ticket_that_waits_for_nobody_rings_nowhere(desk, whose):
    with time_machine.travel(NOON, tick=False):
        dora, sofia = await links(desk, "dora"), await desk.employ("sofia")
        company = await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        async with desk.database.write() as session:
            found = await session.get_one(Ticket, ticket.id)
            if whose == "closed":
                found.state = State.WARRANTY
            elif whose == "responsible":
                found.responsible_id = sofia.id
            else:
                await staff_chats.wish(session, dora, dict.fromkeys(Alert, "always") | {Alert.NEW_TICKET: "never"})
        await writes(desk, ticket, "¿Hola?")
        assert await rung(desk) == []


async def test_who_is_made_responsible_by_a_colleague_is_told_and_by_a_new_date_is_not(desk):
    with time_machine.travel(NOON, tick=False):
        dora, tom = await links(desk, "dora"), await links(desk, "tom", chat=778)
        async with desk.database.write() as session:
            for one in (dora, tom):
                (await session.get_one(Technician, one.id)).is_development = True
        company = await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        for days in (3, 9):
            await left_pending(desk, ticket, by=tom, responsible=dora, days=days)
        (row,) = await rung(desk)
        assert row.lane == str(CHAT)
        assert "Tom lo dejó pendiente hasta el 27/11/2026 12:00; usted es responsable." in row.payload["text"]
        await left_pending(desk, ticket, by=tom, responsible=tom)
        assert len(await rung(desk)) == 1


async def test_a_ticket_given_at_night_waits_for_the_morning_in_the_panel(desk):
    with time_machine.travel(NIGHT, tick=False):
        tom, sofia = await links(desk, "tom"), await desk.employ("sofia")
        company = await desk.registers()
        ticket = await desk.receives(company, await desk.greets(company))
        await given(desk, ticket, by=sofia, to=tom)
        assert await rung(desk) == []
        async with desk.database.write() as session:
            await staff_chats.wish(session, tom, dict.fromkeys(Alert, "always"))
        await given(desk, ticket, by=sofia, to=sofia)
        await given(desk, ticket, by=sofia, to=tom)
        assert [row.lane for row in await rung(desk)] == [str(CHAT)]


async def test_outside_the_office_hours_the_phone_stays_silent_unless_it_is_wished(desk):
    with time_machine.travel(NIGHT, tick=False):
        dora = await links(desk, "dora")
        await pending(desk, dora)
        assert await reminded(desk) == []
        async with desk.database.write() as session:
            await staff_chats.wish(session, dora, dict.fromkeys(Alert, "always"))
        assert len(await reminded(desk)) == 1


async def test_nothing_waits_for_somebody_who_was_disabled(desk):
    with time_machine.travel(NOON, tick=False):
        boss, dora = await desk.employ("root", Role.ADMINISTRATOR), await links(desk, "dora")
        await pending(desk, dora)
        (row,) = await reminded(desk)
        async with desk.database.write() as session:
            theirs = await session.get_one(type(dora), dora.id)
            await staff.disable(session, boss, theirs)
        assert [one.state for one in await desk.all_of(OutboxRow)] == ["cancelled"]
        assert [chat.ended_at is not None for chat in await desk.all_of(StaffChat)] == [True]
        assert [one.id for one in await reminded(desk)] == [row.id]


async def test_nothing_is_written_to_somebody_who_is_just_being_disabled(desk):
    with time_machine.travel(NOON, tick=False):
        boss, dora = await desk.employ("root", Role.ADMINISTRATOR), await links(desk, "dora")
        await pending(desk, dora)
        async with desk.database.write() as session:
            await staff.disable(session, boss, await session.get_one(type(dora), dora.id))
            reminding = asyncio.ensure_future(reminded(desk))
            await databases.waits_for_lock(desk.database, 1)
        assert await reminding == []


async def test_an_alarm_rings_and_its_end_is_told(desk):
    with time_machine.travel(NOON, tick=False) as clock:
        await links(desk)
        trouble = Trouble(AlarmKind.DISK_LOW, Level.WARNING, now(), {"megabytes": 12})
        for found in ([trouble], []):
            async with desk.database.write() as session:
                await alarms.keep(session, found, staff=Staff(OFFICE, ""), moment=now())
            clock.shift(timedelta(minutes=3))
        opened, over = [row.payload["text"] for row in await desk.all_of(OutboxRow)]
        assert opened.startswith(f"{words.MARK} <b>Alarma")
        assert over.startswith(f"{words.MARK} <b>Ya pasó")


async def test_a_link_works_for_an_hour(desk):
    with time_machine.travel(NOON, tick=False) as clock:
        tom = await desk.employ("tom")
        async with desk.database.write() as session:
            (await session.get_one(DeskRow, 1)).bot_username = "saci_bot"
            address, _ = await staff_chats.make_link(session, tom)
        clock.shift(timedelta(minutes=61))
        async with desk.database.write() as session:
            person = Person(telegram_id=CHAT, first_name="Tom", created_at=now())
            session.add(person)
            assert await staff_chats.accept(session, person, address.partition("start=")[2]) is None
