"""Whoever leaves a company, or is made to, reads nothing more of it: not even what was asked for before."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from core.actions import announcements, bindings, companies, deliveries, hours, readers, returns, staff
from core.clock import now
from core.errors import ConflictError
from core.messaging import outbox, parting
from core.models import Announcement, Binding, Company, DeliveryState, OutboxRow, Person, Technician, Urgency
from core.queries import persons
from core.queries.tickets import by_number
from core.rules.permissions import Role
from core.wake import Topic
from tests import databases
from tests.desk import Customer, LiveDesk
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD, TORNILLO

FAREWELL = "quitó este teléfono de Comercial Andina"
Deed = Callable[[LiveDesk, Customer], Awaitable[object]]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=True) as traveller:
        yield traveller


async def refuse(live: LiveDesk, customer: Customer) -> None:
    """Telegram takes nothing for this chat for ten minutes."""
    wanted = [{"method": name, "kind": "429", "retry_after": 600} for name in ("sendMessage", "editMessageText")]
    await live.sim("/sim/faults", [fault | {"chat_id": customer.id} for fault in wanted])


async def accept(live: LiveDesk, clock: time_machine.Traveller) -> None:
    await live.sim("/sim/faults", method="DELETE")
    clock.shift(timedelta(minutes=11))
    live.database.wake.ring([Topic.OUTBOX])
    await live.settle()


async def andina(session) -> Company:
    company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
    assert company is not None
    return company


async def supervisor(session) -> Technician:
    known = await session.scalar(select(Technician).where(Technician.username == "vera"))
    return known or await staff.add_technician(session, username="vera", name="Vera", role=Role.SUPERVISOR)


async def revoke(live: LiveDesk, customer: Customer) -> None:
    """The desk takes the phone off the company."""
    async with live.database.write() as session:
        found = await persons.of_company(session, (await andina(session)).id)
        (mine,) = [one.id for one in found if one.person.telegram_id == customer.id]
        binding = await bindings.of_company(session, await andina(session), mine, lock=True)
        await bindings.revoke(session, await supervisor(session), binding, reason="Se fue", office=live.office)


async def hours_run_low(live: LiveDesk, customer: Customer) -> None:
    async with live.database.write() as session:
        company = await andina(session)
        await hours.tell_if_low(session, company.id, before=600, after=10, office=live.office)


async def password_is_reset(live: LiveDesk, customer: Customer) -> None:
    async with live.database.write() as session:
        await companies.reset_password(session, None, await andina(session), reason="Lo pidió", office=live.office)


async def bea_comes_in(live: LiveDesk, customer: Customer) -> None:
    bea = await live.customer("Bea", "+593960000009")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)


WAITING: dict[str, Deed] = {
    "list": lambda live, ada: ada.says("Tickets de empresa"),
    "list in place": lambda live, ada: ada.taps_data("list:company:open"),
    "search": lambda live, ada: ada.says("/buscar Balance"),
    "account": lambda live, ada: ada.says("/cuenta"),
    "hours": hours_run_low,
    "password": password_is_reset,
    "new phone": bea_comes_in,
}


@pytest.mark.parametrize("what", WAITING)
async def test_what_waits_for_the_chat_as_a_phone_is_revoked_never_goes(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller, what: str
):
    await live.has_tickets(ada, ["Balance de Andina"])
    before = len(await ada.reads())
    await refuse(live, ada)
    await WAITING[what](live, ada)
    await live.settle()
    await revoke(live, ada)
    await accept(live, clock)
    assert [FAREWELL in said.text for said in (await ada.reads())[before:]] == [True]
    assert "Balance de Andina" not in str([said.raw for said in await ada.reads()])


async def test_the_other_company_of_the_chat_keeps_what_waits(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    await ada.adds_company(TORNILLO, TORNILLO)
    await refuse(live, ada)
    await ada.says("Mis tickets")
    await revoke(live, ada)
    await accept(live, clock)
    assert ["Ferretería El Tornillo" in said.text for said in (await ada.reads())[-2:]] == [True, False]


async def test_what_was_held_for_who_left_meanwhile_can_only_be_discarded(live: LiveDesk, ada: Customer):
    """As after a restore: the row waits for a decision, and its reader is gone."""
    await refuse(live, ada)
    await ada.says("/cuenta")
    async with live.database.write() as session:
        row = await session.scalar(select(OutboxRow).order_by(OutboxRow.id.desc()))
        assert row is not None
        row.state = DeliveryState.HELD
        binding = await session.scalar(select(Binding).join(Person).where(Person.telegram_id == ada.id))
        assert binding is not None
        binding.ended_at = now()
    async with live.database.write() as session:
        vera = await supervisor(session)
        with pytest.raises(ConflictError):
            await deliveries.retry(session, vera, row.id)
        assert await deliveries.release_all(session, vera) == 0


@pytest.fixture
async def zoe(live: LiveDesk, ada: Customer) -> Customer:
    """Verified with Andina as Ada is."""
    zoe = await live.customer("Zoe", "+593960000008")
    await zoe.logs_in(ANDINA, ANDINA_PASSWORD)
    return zoe


async def leave(live: LiveDesk, customer: Customer) -> None:
    """The person logs out of Andina: nothing is said."""
    async with live.database.write() as session:
        found = await persons.of_company(session, (await andina(session)).id)
        (mine,) = [one for one in found if one.person.telegram_id == customer.id]
        await bindings.log_out(session, mine.person, mine)


async def test_who_left_learns_nothing_more_of_a_new_phone(live: LiveDesk, ada: Customer, zoe: Customer):
    """The others of the company go on talking about it; the question stays in the chat as it was."""
    await bea_comes_in(live, ada)
    await leave(live, zoe)
    before = [said.text for said in await zoe.reads()]
    await ada.taps("Fui yo", on=await ada.finds("Bea ya ve todo"))
    assert "está bien" in (await ada.finds("Bea ya ve todo")).text
    assert [said.text for said in await zoe.reads()] == before


async def test_a_question_that_never_arrived_is_not_answered_to_who_left(
    live: LiveDesk, ada: Customer, zoe: Customer, clock: time_machine.Traveller
):
    await refuse(live, zoe)
    await bea_comes_in(live, ada)
    await leave(live, zoe)
    await ada.taps("Fui yo", on=await ada.finds("Bea ya ve todo"))
    await accept(live, clock)
    assert not [said for said in await zoe.reads() if "Bea" in said.text]


async def test_a_hint_about_a_ticket_that_waits_as_a_phone_is_revoked_never_shows(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["Balance de Andina"])
    await live.sim("/sim/faults", [{"method": "answerCallbackQuery", "kind": "429", "retry_after": 3}])
    await ada.taps_data(f"mute:{number}")
    await revoke(live, ada)
    await live.sim("/sim/faults", method="DELETE")
    clock.shift(timedelta(seconds=5))
    live.database.wake.ring([Topic.OUTBOX])
    await live.settle()
    shown = [call for call in await live.sim("/sim/journal") if call["method"].lower() == "answercallbackquery"]
    assert [call["took_effect"] for call in shown] == [False]


async def deny(live: LiveDesk, customer: Customer) -> None:
    """Somebody of the company does not know the phone, and it is stopped."""
    async with live.database.write() as session:
        (asked,) = await session.scalars(select(Announcement.id))
        told = await session.scalar(select(Person).where(Person.telegram_id != customer.id))
        assert told is not None
        announcement = await announcements.of_verified(session, asked, told)
        assert announcement is not None
        await announcements.deny(session, announcement, told, office=live.office)


@pytest.mark.parametrize("leave", [revoke, deny])
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_who_leaves_waits_for_what_is_just_being_written_to_them(live: LiveDesk, ada: Customer, leave: Deed):
    (number,) = await live.has_tickets(ada, ["Balance de Andina"])
    bea = await live.customer("Bea", "+593990000007")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    await refuse(live, bea)
    async with live.database.write() as session:
        ticket = await by_number(session, number)
        assert len((await readers.bound(session, {ticket.id}))[ticket.id]) == 2, "a push for Bea is written"
        about = outbox.Subject(ticket_id=ticket.id)
        row = await outbox.put(session, bea.id, "sendMessage", {"text": "De Andina"}, about=about)
        leaving = asyncio.ensure_future(leave(live, bea))
        await databases.waits_for_lock(live.database, 1)
    await leaving
    async with live.database.read() as session:
        assert (await session.get_one(OutboxRow, row.id)).state is DeliveryState.CANCELLED


async def retries(live: LiveDesk, ada: Person, row: OutboxRow) -> None:
    async with live.database.write() as session:
        with pytest.raises(ConflictError):
            await deliveries.retry(session, await supervisor(session), row.id)


async def is_back(live: LiveDesk, ada: Person, row: OutboxRow) -> None:
    async with live.database.write() as session:
        await returns.catch_up(session, await session.get_one(Person, ada.id), office=live.office)


@pytest.mark.parametrize(("write", "before"), [(retries, DeliveryState.DEAD), (is_back, DeliveryState.PARKED)])
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_who_writes_to_somebody_waits_for_their_leaving(
    live: LiveDesk, ada: Customer, write: Callable[..., Awaitable[None]], before: DeliveryState
):
    (number,) = await live.has_tickets(ada, ["Balance de Andina"])
    async with live.database.write() as session:
        about = outbox.Subject(ticket_id=(await by_number(session, number)).id)
        row = await outbox.put(session, ada.id, "sendMessage", {"text": "De Andina"}, about=about)
        row.state, row.urgency = before, Urgency.NEWS
        person = await session.scalar(select(Person).where(Person.telegram_id == ada.id))
        assert person is not None
        # acting for another company, so that the log-out leaves the person's row alone
        person.blocked_at, person.active_company_id = now(), None
    async with live.database.write() as session:
        (mine,) = await persons.of_company(session, (await andina(session)).id)
        await bindings.log_out(session, mine.person, mine)
        writing = asyncio.ensure_future(write(live, person, row))
        await databases.waits_for_lock(live.database, 1)
    await writing
    async with live.database.read() as session:
        later = await session.scalars(select(OutboxRow.state).where(OutboxRow.id >= row.id))
        assert not {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT} & set(later)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_who_takes_off_a_colleagues_phone_waits_before_its_row_is_taken(
    live: LiveDesk, ada: Customer, zoe: Customer
):
    """Who writes to the phone may want the row, and the two would wait for each other."""
    await ada.says("Preferencias")
    await ada.taps("Teléfonos")
    await ada.taps("Quitar a Zoe")
    async with live.database.write() as session:
        found = await persons.of_company(session, (await andina(session)).id)
        (hers,) = [one for one in found if one.person.telegram_id == zoe.id]
        await parting.stay(session, hers.company_id)
        removing = asyncio.ensure_future(ada.taps("Sí, quitar"))
        await databases.waits_for_lock(live.database, 1)
        await session.scalars(select(Binding.id).where(Binding.id == hers.id).with_for_update(nowait=True))
    await removing
    assert FAREWELL.removeprefix("quitó") in (await zoe.last()).text


async def test_the_question_where_words_belong_is_asked_again_after_the_next_log_in(live: LiveDesk, ada: Customer):
    await live.has_tickets(ada, ["Balance de Andina"])
    await ada.says("Sigue sin cuadrar el balance")
    await ada.says("/salir")
    await ada.says("Ya son dos meses seguidos que no cuadra")
    await ada.logs_in(ANDINA, ANDINA_PASSWORD)
    asked = await ada.last()
    assert "Sigue sin cuadrar el balance" in asked.text
    assert "Ya son dos meses seguidos que no cuadra" in asked.text
    assert "¿A qué ticket corresponde?" in asked.text
