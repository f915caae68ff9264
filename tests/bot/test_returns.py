"""Blocked, and back: one line about what was missed, not thirty old pushes."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from core import jobs
from core.actions import bindings, companies, hours, people, returns, tickets
from core.messaging import outbox
from core.models import Company, OutboxRow, Person, Technician, Urgency
from core.rules.services import Service
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD, TORNILLO


async def blocks(live: LiveDesk, customer: Customer) -> None:
    await live.sim(f"/sim/chats/{customer.id}/block", {})
    await live.settle()


async def unblocks(live: LiveDesk, customer: Customer) -> None:
    await live.sim(f"/sim/chats/{customer.id}/unblock", {})
    await live.settle()


async def parked(live: LiveDesk) -> int:
    async with live.database.read() as session:
        return len((await session.scalars(select(OutboxRow.id).where(OutboxRow.state == "parked"))).all())


async def test_who_comes_back_reads_one_line_and_opens_the_tickets_from_it(live: LiveDesk, ada: Customer, tom: Staff):
    first, second = await open_for_ada(live, 2)
    await blocks(live, ada)
    await tom.replies(first, "¿Está encendida?")
    await tom.replies(second, "Lo estamos viendo.")
    await tom.replies(first, "¿Y ahora?")
    assert await parked(live) >= 3
    before = len(await ada.reads())

    await unblocks(live, ada)
    said = (await ada.reads())[before:]
    assert [message.text for message in said] == [
        f"Mientras no podíamos escribirle hubo novedades en #{first}, #{second}."
    ]
    assert said[0].buttons == [f"Ver ticket #{first}", f"Ver ticket #{second}"]
    assert await parked(live) == 0
    await ada.taps(f"Ver ticket #{first}", on=said[0])
    assert "¿Y ahora?" in (await ada.last()).text


async def test_whoever_writes_is_back_even_when_telegram_did_not_tell(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await open_for_ada(live, 1)
    await live.settle()
    await live.sim("/sim/faults", [{"method": "send*", "kind": "403", "chat_id": ada.id}])
    await tom.replies(number, "¿Está encendida?")
    assert await is_away(live)
    await live.sim("/sim/faults", method="DELETE")

    await ada.says("hola")
    said = [message.text for message in await ada.reads()][-2:]
    assert said[0] == f"Mientras no podíamos escribirle hubo novedades en #{number}."
    assert "¿A qué ticket corresponde?" in said[1]
    await ada.says("gracias")
    assert len([message for message in await ada.reads() if "novedades" in message.text]) == 1
    assert not await is_away(live)


async def is_away(live: LiveDesk) -> bool:
    async with live.database.read() as session:
        return await session.scalar(select(Person.blocked_at)) is not None


async def open_for_ada(live: LiveDesk, count: int) -> list[int]:
    """Tickets the desk opens for her company, of which she is told; their numbers."""
    async with live.database.write() as session:
        tom = await session.scalar(select(Technician))
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert tom is not None
        assert company is not None
        opened = [
            await tickets.open_for_customer(
                session,
                tom,
                company=company,
                service=Service.SUPPORT,
                product="SaciJava",
                subject=f"Falla {number}",
                text="Lo vimos en la visita.",
                office=live.office,
            )
            for number in range(count)
        ]
        return [ticket.number for ticket in opened]


async def test_five_tickets_are_named_and_the_others_counted(live: LiveDesk, ada: Customer, tom: Staff):
    await blocks(live, ada)
    numbers = await open_for_ada(live, 6)
    await live.settle()
    await unblocks(live, ada)
    line = await ada.finds("novedades")
    assert line.text.endswith(f"#{numbers[-1]}, #{numbers[4]}, #{numbers[3]}, #{numbers[2]}, #{numbers[1]} y 1 más.")
    assert len(line.buttons) == 5


async def test_who_missed_nothing_reads_nothing(live: LiveDesk, ada: Customer):
    before = len(await ada.reads())
    await blocks(live, ada)
    await unblocks(live, ada)
    assert len(await ada.reads()) == before


async def test_who_logged_out_before_is_told_nothing_on_return(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await open_for_ada(live, 1)
    await live.settle()
    await live.sim("/sim/faults", [{"method": "send*", "kind": "403", "chat_id": ada.id}])
    await tom.replies(number, "¿Está encendida?")
    await ada.says("/salir")
    await live.sim("/sim/faults", method="DELETE")
    await ada.says("/start")
    assert not [message for message in await ada.reads() if f"novedades en #{number}" in message.text]
    assert await parked(live) == 0


async def test_a_digest_that_does_not_arrive_is_not_the_end_of_its_news(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await open_for_ada(live, 1)
    await live.settle()
    await blocks(live, ada)
    await tom.replies(number, "¿Está encendida?")
    await live.sim("/sim/faults", [{"method": "sendMessage", "kind": "403", "times": 1, "chat_id": ada.id}])
    await unblocks(live, ada)
    assert not [said for said in await ada.reads() if "novedades" in said.text]
    assert await parked(live) == 1

    await unblocks(live, ada)
    await ada.says("hola")
    assert len([said for said in await ada.reads() if f"novedades en #{number}." in said.text]) == 1
    assert await parked(live) == 0


async def test_what_was_blocked_comes_by_mail_and_on_return_as_one_line(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await open_for_ada(live, 1)
    await live.settle()
    await blocks(live, ada)
    await tom.replies(number, "¿Está encendida?")
    mails = [mail for mail in await live.mails() if "¿Está encendida?" in mail["text"]]
    assert [mail["subject"] for mail in mails] == [f"#{number} Novedades: Falla 0"]
    await unblocks(live, ada)
    assert len([said for said in await ada.reads() if "novedades" in said.text]) == 1
    assert not [said for said in await ada.reads() if "¿Está encendida?" in said.text]


async def test_a_push_that_arrives_shows_that_the_chat_is_back(live: LiveDesk, ada: Customer, tom: Staff):
    first, second = await open_for_ada(live, 2)
    await live.settle()
    await live.sim("/sim/faults", [{"method": "send*", "kind": "403", "chat_id": ada.id}])
    await tom.replies(first, "¿Está encendida?")
    await sweep(live)
    assert await is_away(live)
    await live.sim("/sim/faults", method="DELETE")

    await tom.replies(second, "Lo estamos viendo.")
    await sweep(live)
    said = [message.text for message in await ada.reads()][-2:]
    assert "Lo estamos viendo." in said[0]
    assert said[1] == f"Mientras no podíamos escribirle hubo novedades en #{first}."
    assert not await is_away(live)


async def sweep(live: LiveDesk) -> None:
    await jobs.run(live.database, live.settings, jobs.returns_of(live.office))
    await live.settle()


async def test_who_comes_back_still_reads_of_a_new_phone_and_of_a_reset_password(live: LiveDesk, ada: Customer):
    """No ticket shows them, so no line about tickets can stand for them."""
    await blocks(live, ada)
    bea = await live.customer("Bea", "+593960000009")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    async with live.database.write() as session:
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert company is not None
        await companies.reset_password(session, None, company, reason="Lo pidió", office=live.office)
    await live.settle()
    before = len(await ada.reads())
    await unblocks(live, ada)
    phone, password = (await ada.reads())[before:]
    assert phone.buttons == ["Fui yo", "No fui yo"]
    assert "contraseña" in password.text
    await ada.taps("No fui yo", on=phone)
    assert "está detenido" in (await bea.last()).text


async def test_a_question_that_somebody_has_answered_is_not_asked_on_return(live: LiveDesk, ada: Customer):
    zoe = await live.customer("Zoe", "+593960000008")
    await zoe.logs_in(ANDINA, ANDINA_PASSWORD)
    await blocks(live, ada)
    bea = await live.customer("Bea", "+593960000009")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    await zoe.taps("Fui yo", on=await zoe.finds("Bea ya ve todo"))
    await unblocks(live, ada)
    assert not [said for said in await ada.reads() if "Bea" in said.text]
    assert await parked(live) == 0


@pytest.mark.parametrize(("days", "is_told"), [(1, True), (8, False)])
async def test_hours_that_ran_low_are_told_on_return_while_that_is_news(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller, days: int, is_told: bool
):
    """A question about a phone stays open, a balance does not stay true."""
    await blocks(live, ada)
    bea = await live.customer("Bea", "+593960000009")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    async with live.database.write() as session:
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert company is not None
        await hours.tell_if_low(session, company.id, before=600, after=10, office=live.office)
    await live.settle()
    clock.shift(timedelta(days=days))
    before = len(await ada.reads())
    await unblocks(live, ada)
    said = [message.text for message in (await ada.reads())[before:]]
    assert ["Bea ya ve todo" in text for text in said] == [True, False][: 1 + is_told]
    assert ["horas" in text for text in said] == [False, True][: 1 + is_told]


async def test_a_line_for_each_company_so_that_leaving_one_silences_it(live: LiveDesk, ada: Customer, tom: Staff):
    await ada.adds_company(TORNILLO, TORNILLO)
    (of_tornillo,) = await live.has_tickets(ada, ["Falla de El Tornillo"])
    (of_andina,) = await open_for_ada(live, 1)
    await live.settle()
    await live.sim("/sim/faults", [{"method": "send*", "kind": "403", "chat_id": ada.id}])
    for number in (of_tornillo, of_andina):
        await tom.replies(number, "¿Está encendida?")
    await live.sim("/sim/faults", method="DELETE")
    async with live.database.write() as session:
        person = await session.scalar(people.by_telegram_id(ada.id))
        assert person is not None
        await returns.catch_up(session, person, office=live.office)
        (mine,) = [one for one in await people.bindings(session, [person]) if one.company.ruc == ANDINA]
        await bindings.log_out(session, person, mine)
    await live.settle()
    name = "Ferretería El Tornillo"
    assert (await ada.last()).text == f"{name}\nMientras no podíamos escribirle hubo novedades en #{of_tornillo}."


@pytest.mark.parametrize(("days", "is_told"), [(9, True), (16, False)])
async def test_minutes_that_will_expire_are_told_on_return_until_they_have(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller, days: int, is_told: bool
):
    await blocks(live, ada)
    async with live.database.write() as session:
        await outbox.put(
            session,
            ada.id,
            "sendMessage",
            {"text": "60 min caducan"},
            urgency=Urgency.NEWS,
            dedupe_key=f"{hours.EXPIRING}1-{ada.id}",
            about=outbox.Subject(company_id=1),
        )
    await live.settle()
    clock.shift(timedelta(days=days))
    await unblocks(live, ada)
    assert ("60 min caducan" in [said.text for said in await ada.reads()]) is is_told


async def test_a_question_on_its_way_as_somebody_answers_is_not_asked_on_return(live: LiveDesk, ada: Customer):
    zoe = await live.customer("Zoe", "+593960000008")
    await zoe.logs_in(ANDINA, ANDINA_PASSWORD)
    await blocks(live, ada)
    bea = await live.customer("Bea", "+593960000009")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    asked = (OutboxRow.lane == str(ada.id)) & (OutboxRow.state == "parked")
    async with live.database.write() as session:
        await session.execute(update(OutboxRow).where(asked).values(state="uncertain"))
    await zoe.taps("Fui yo", on=await zoe.finds("Bea ya ve todo"))
    async with live.database.write() as session:
        rows = (OutboxRow.lane == str(ada.id)) & (OutboxRow.state == "uncertain")
        await session.execute(update(OutboxRow).where(rows).values(state="parked"))
    await unblocks(live, ada)
    assert not [said for said in await ada.reads() if "Bea" in said.text and said.buttons]
