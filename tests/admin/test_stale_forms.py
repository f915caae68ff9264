"""Two technicians at one ticket: a form that was overtaken says who did what since, and keeps what was typed."""

from datetime import timedelta

import pytest

from core.clock import now
from core.models import Article, ArticleKind, Company, Person, Product, TicketClosure, TimeEntry
from core.queries.tickets import by_number
from core.rules.permissions import Role

REMIND_AT = (now() + timedelta(days=3)).date().isoformat()
SINCE = "Desde que usted abrió la página"


@pytest.fixture
async def ticket(desk):
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


@pytest.fixture
async def dario(desk):
    return await desk.employ("dario", is_development=True)


@pytest.fixture
async def both(log_in, ticket, dario):
    """Tom and Sofía, each with the ticket as it was when it came in."""
    found = await log_in("tom"), await log_in("sofia", Role.SUPERVISOR)
    for one in found:
        await one.opens(f"/tickets/{ticket.number}")
    return found


async def test_what_was_left_pending_is_not_left_pending_anew_unseen(desk, both, ticket, dario):
    tom, sofia = both
    later = (now() + timedelta(days=9)).date().isoformat()
    await sofia.sends("/pending", remind_at=later, responsible=str(dario.id))
    await tom.sends("/pending", remind_at=REMIND_AT, responsible=str(dario.id))

    assert tom.status == 409
    assert SINCE in tom.text
    assert tom.text.count("Sofia lo dejó pendiente hasta") == 2, "in the conversation, and once above the form"
    assert "el ticket cambió" not in tom.text, "what was done says it"
    assert tom.form("/pending").fields["remind_at"] == REMIND_AT
    assert (await desk.ticket(ticket.number)).remind_at.date().isoformat() == later, "Sofía's date stands"

    await tom.sends("/pending")
    assert tom.status == 200
    assert (await desk.ticket(ticket.number)).remind_at.date().isoformat() == REMIND_AT


async def test_a_date_a_colleague_moved_is_not_thrown_away_unseen(desk, both, ticket, dario):
    tom, sofia = both
    await sofia.sends("/pending", remind_at=REMIND_AT, responsible=str(dario.id))
    await tom.opens(f"/tickets/{ticket.number}")
    later = (now() + timedelta(days=9)).date().isoformat()
    await sofia.sends("/pending", remind_at=later, responsible=str(dario.id))
    await tom.sends("/resume")
    assert (tom.status, SINCE in tom.text) == (409, True)
    assert (await desk.ticket(ticket.number)).state == "pending"
    await tom.sends("/resume")
    assert (tom.status, (await desk.ticket(ticket.number)).state) == (200, "open")

    await sofia.sends("/closure", closure="warranty", cause="Error", solution="Corregido", minutes="5")
    assert (sofia.status, "Tom devolvió el ticket a Abierto" in sofia.text.split(SINCE)[1]) == (409, True)


async def test_a_ticket_somebody_took_is_not_taken_from_them_unseen(desk, both, ticket):
    tom, sofia = both
    await sofia.sends("/take")
    await tom.sends("/take")
    assert (tom.status, SINCE in tom.text, "Sofia tomó el ticket" in tom.text) == (409, True, True)
    assert (await desk.ticket(ticket.number)).assignee.name == "Sofia"
    await tom.sends("/take")
    assert (await desk.ticket(ticket.number)).assignee.name == "Tom"


async def test_a_ticket_somebody_took_is_not_given_away_unseen(desk, both, ticket):
    tom, sofia = both
    luis = await desk.employ("luis")
    await sofia.opens(f"/tickets/{ticket.number}")
    await tom.sends("/take")
    await sofia.sends("/assign", assignee=str(luis.id))
    assert (sofia.status, "Tom tomó el ticket" in sofia.text) == (409, True)
    assert sofia.form("/assign").fields["assignee"] == str(luis.id)
    await sofia.sends("/assign")
    assert (await desk.ticket(ticket.number)).assignee.name == "Luis"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_ticket_somebody_took_is_not_left_to_nobody_unseen(desk, both, ticket):
    tom, sofia = both
    await tom.sends("/take")
    await sofia.opens(f"/tickets/{ticket.number}")
    await tom.sends("/note", text="Lo tengo")
    await tom.sends("/assign", assignee=str((await desk.employ("luis")).id))
    await sofia.sends("/assign", assignee="nobody")
    assert (sofia.status, "Tom asignó el ticket a Luis" in sofia.text) == (409, True)
    assert sofia.form("/assign").fields["assignee"] == "nobody"
    await sofia.sends("/assign")
    assert (await desk.ticket(ticket.number)).assignee is None


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_service_changed_meanwhile_is_not_changed_again_unseen(desk, both, ticket):
    tom, sofia = both
    products = {one.label: str(one.id) for one in await desk.all_of(Product) if one.service == "support"}
    await sofia.sends("/service", product=products["SaciAnex ATS"])
    await tom.sends("/service", product=products["Saci Visual Basic"])
    assert (tom.status, "Sofia lo cambió a Soporte Técnico, SaciAnex ATS" in tom.text) == (409, True)
    assert tom.form("/service").fields["product"] == products["Saci Visual Basic"]
    assert (await desk.ticket(ticket.number)).product == "SaciAnex ATS"
    await tom.sends("/service")
    assert (await desk.ticket(ticket.number)).product == "Saci Visual Basic"


async def test_what_was_left_pending_is_not_closed_unseen(desk, both, ticket, dario):
    tom, sofia = both
    await sofia.sends("/pending", remind_at=REMIND_AT, responsible=str(dario.id))
    await tom.sends("/closure", closure="warranty", cause="Error", solution="Corregido", minutes="5")
    assert (tom.status, "Sofia lo dejó pendiente" in tom.text) == (409, True)
    assert tom.form("/closure").fields["solution"] == "Corregido"
    assert await desk.all_of(TicketClosure) == []
    await tom.sends("/closure")
    assert (await desk.ticket(ticket.number)).state == "warranty"


async def test_what_the_customer_adds_is_read_before_the_ticket_is_closed(desk, both, ticket, says):
    tom, _ = both
    await says(ticket, "Sigue sin imprimir.")
    await tom.sends("/closure", closure="warranty", cause="Error", solution="Corregido", minutes="5")
    assert (tom.status, await desk.all_of(TicketClosure)) == (409, [])
    assert f"{SINCE} Ada" in tom.text
    await tom.sends("/closure")
    assert len(await desk.all_of(TicketClosure)) == 1


@pytest.fixture
def says(desk):
    """The customer adds to the ticket."""

    async def add(ticket, text):
        async with desk.database.write() as session:
            found = await by_number(session, ticket.number, lock=True)
            found.articles_count += 1
            session.add(
                Article(
                    ticket_id=found.id,
                    position=found.articles_count,
                    kind=ArticleKind.CUSTOMER,
                    person_id=found.opened_by_id,
                    text=text,
                    created_at=now(),
                )
            )

    return add


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_joining_overtaken_says_by_whom(desk, both, ticket, dario):
    tom, sofia = both
    (company,), (ada,) = await desk.all_of(Company), await desk.all_of(Person)
    other = await desk.receives(company, ada)
    await sofia.sends("/pending", remind_at=REMIND_AT, responsible=str(dario.id))
    await tom.sends("/merge", into=str(other.number))
    assert (tom.status, "Sofia lo dejó pendiente" in tom.text) == (409, True)
    assert tom.form("/merge").fields["into"] == str(other.number)
    await tom.sends("/merge")
    assert (await desk.ticket(ticket.number)).state == "merged"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_ticket_closed_again_is_not_reopened_unseen(desk, log_in, ticket):
    vera, sofia = await log_in("vera", Role.SUPERVISOR), await log_in("sofia", Role.SUPERVISOR)
    await sofia.opens(f"/tickets/{ticket.number}")
    words = {"cause": "Error", "solution": "Corregido", "minutes": "5"}
    await sofia.sends("/closure", closure="warranty", **words)
    await vera.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/reopen")
    await sofia.sends("/closure", closure="invoiced", **words)
    await vera.sends("/reopen")
    assert (vera.status, "Sofia abrió otra vez el ticket" in vera.text) == (409, True)
    assert (await desk.ticket(ticket.number)).state == "invoiced"
    await vera.sends("/reopen")
    assert (await desk.ticket(ticket.number)).state == "open"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_one_did_oneself_in_another_window_holds_nothing_up(desk, both, ticket, dario):
    tom, _ = both
    page = tom.answer
    await tom.sends("/take")
    tom.answer = page
    await tom.sends("/pending", remind_at=REMIND_AT, responsible=str(dario.id))
    assert (tom.status, (await desk.ticket(ticket.number)).state) == (200, "pending")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_call_is_noted_whatever_others_did_and_says_what_if_it_cannot_be(desk, both, ticket):
    tom, sofia = both
    page = tom.answer
    await sofia.sends("/take")
    await tom.sends("/calls", outcome="connected", phone="0991234567")
    assert tom.status == 200
    tom.answer = page
    await sofia.sends("/closure", closure="warranty", cause="Error", solution="Corregido", minutes="5")
    await tom.sends("/calls", outcome="connected", phone="0997654321", submission="another")
    assert (tom.status, "Sofia cerró el ticket" in tom.text) == (409, True)
    assert tom.form("/calls").fields["phone"] == "0997654321"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_minutes_somebody_corrected_are_not_corrected_again_unseen(desk, both, ticket):
    tom, sofia = both
    await tom.sends("/time", minutes="40")
    (entry,) = await desk.all_of(TimeEntry)
    form = f"/time/{entry.id}/correction"
    await sofia.opens(f"/tickets/{ticket.number}")
    await tom.sends(form, minutes="30", reason="Me equivoqué")
    await sofia.sends(form, minutes="4", reason="Eran cuatro")
    assert (sofia.status, "Tom corrigió 40 → 30 min" in sofia.text) == (409, True)
    assert [one.minutes for one in await desk.all_of(TimeEntry)] == [30]
    fields = sofia.form(form).fields
    assert (fields["minutes"], fields["reason"]) == ("4", "Eran cuatro")
    await sofia.sends(form)
    assert [one.minutes for one in await desk.all_of(TimeEntry)] == [4]
