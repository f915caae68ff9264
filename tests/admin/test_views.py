"""Views a technician keeps, and one deed on many tickets."""

import re

import pytest

from core.models import EventKind, OutboxRow, SavedView, TicketEvent
from core.rules.permissions import Role
from core.rules.states import State
from tests.admin.browser import Browser


@pytest.fixture
def backend() -> str:
    """The pages are the same on every database."""
    return "sqlite"


@pytest.fixture
async def tickets(desk):
    company = await desk.registers()
    ada = await desk.greets(company)
    return [await desk.receives(company, ada, f"Ticket {index}") for index in range(3)]


async def ticks(browser: Browser, form: str, *chosen: str, **typed: str) -> None:
    """Tick lines of the queue and press a button of the form below them."""
    fields = next(form for form in browser.page.forms if form.action.startswith("/bulk/take")).fields | typed
    browser.answer = await browser.client.post(
        form, data=fields | {"chosen": list(chosen)}, headers={"Origin": browser.origin}, follow_redirects=True
    )


async def test_a_view_is_kept_counted_renamed_and_deleted(desk, tom, log_in, tickets):
    await tom.opens("/?state=new&owner=nobody&x=1")
    await tom.sends("/views/keep?state=new&owner=nobody", name="  Sin   dueño ")
    assert str(tom.answer.url).endswith("/?state=new&owner=nobody")
    assert "Sin dueño 3" in tom.text
    await tom.sends("/views/keep?state=new&owner=nobody", name="sin DUEÑO")
    assert tom.status == 422
    assert "Ya tiene una vista con ese nombre." in tom.text

    (view,) = await desk.all_of(SavedView)
    await tom.opens("/")
    await tom.sends(f"/views/{view.id}/rename", name="Libres")
    assert "/?state=new&owner=nobody" in tom.page.links
    assert "Libres 3" in tom.text
    eve = await log_in("eve")
    await eve.opens("/")
    assert "Libres" not in eve.text
    answer = await eve.client.post(
        f"/views/{view.id}/delete", data=eve.form("/views/keep").fields, headers={"Origin": eve.origin}
    )
    assert answer.status_code == 404
    await tom.sends(f"/views/{view.id}/delete")
    assert await desk.all_of(SavedView) == []


async def test_many_are_taken_and_the_rest_says_why_not(desk, tom, tickets):
    fresh, stale, closed = tickets
    await tom.opens("/?state=all")
    chosen = [f"{ticket.number}:{ticket.version}" for ticket in tickets]
    async with desk.database.write() as session:
        (await session.get_one(type(stale), stale.id)).subject = "Otro"
    await ticks(tom, "/bulk/take?state=all", *chosen, "x:y", "999999:1")

    assert f"Hecho en 2 tickets. #{fresh.number} , #{closed.number}" in tom.text
    assert f"No en #{stale.number}: Cambió desde que se mostró la lista." in tom.text
    assert "No en #999999:" in tom.text
    assert [(await desk.ticket(ticket.number)).state for ticket in tickets] == [State.OPEN, State.NEW, State.OPEN]


async def test_of_many_the_ones_a_colleague_was_at_say_what_happened_and_go_on_once_it_was_read(
    desk, log_in, tickets
):
    fresh, taken, closed = tickets
    tom, sofia = await log_in("tom"), await log_in("sofia", Role.SUPERVISOR)
    luis = await desk.employ("luis")
    await tom.opens("/")
    shown = tom.form("/bulk/take").choices["chosen"]
    await sofia.opens(f"/tickets/{taken.number}")
    await sofia.sends("/take")
    await sofia.sends("/note", text="Lo estoy mirando")
    await sofia.opens(f"/tickets/{closed.number}")
    await sofia.sends("/closure", closure="warranty", cause="Error", solution="Corregido", minutes="5")

    await ticks(tom, "/bulk/assign", *shown, assignee=str(luis.id))
    assert f"Hecho en 1 ticket. #{fresh.number}" in tom.text
    of_taken, of_closed = tom.text.split(f"No en #{taken.number}:")[1].split(f"No en #{closed.number}:")
    assert re.search(r"Sofia \d\d:\d\d Lo estoy mirando", of_taken)
    assert re.search(r"\d\d:\d\d Sofia tomó el ticket", of_taken)
    assert re.search(r"\d\d:\d\d Sofia cerró el ticket: Cerrado por garantía", of_closed)
    assert [(await desk.ticket(one.number)).assignee.name for one in (fresh, taken)] == ["Luis", "Sofia"]

    again = tom.page.ticked
    assert [tick.partition(":")[0] for tick in again] == [str(taken.number)]
    await ticks(tom, "/bulk/assign", *again)
    assert f"Hecho en 1 ticket. #{taken.number}" in tom.text
    assert (await desk.ticket(taken.number)).assignee.name == "Luis"


async def test_many_are_assigned_and_sending_it_twice_is_once(desk, tom, tickets):
    sofia = await desk.employ("sofia", is_development=True)
    await desk.employ("vera", Role.AUDITOR)
    await tom.opens("/")
    first = tickets[0]
    chosen = f"{first.number}:{first.version}"
    await ticks(tom, "/bulk/assign", chosen)
    assert tom.status == 422
    assert "Elija a alguien que atienda tickets." in tom.text
    for _ in range(2):
        page = tom.answer
        await ticks(tom, "/bulk/assign", chosen, assignee=str(sofia.id))
        assert "Hecho en 1 ticket." in tom.text
        tom.answer = page
    events = [event for event in await desk.all_of(TicketEvent) if event.kind is EventKind.ASSIGNED]
    assert [event.data for event in events] == [{"to": "Sofia"}]
    assert (await desk.ticket(first.number)).assignee_id == sofia.id


async def test_one_is_assigned_on_its_own_page(desk, tom, tickets):
    sofia, vera = await desk.employ("sofia"), await desk.employ("vera", Role.AUDITOR)
    await tom.opens(f"/tickets/{tickets[0].number}")
    await tom.sends("/assign", assignee=str(vera.id))
    assert tom.status == 422
    await tom.sends("/assign", assignee=str(sofia.id))
    assert "Tom asignó el ticket a Sofia" in tom.text
    assert (await desk.ticket(tickets[0].number)).assignee_id == sofia.id


async def test_one_is_given_back_to_nobody_on_its_own_page(desk, tom, tickets):
    number = tickets[0].number
    await tom.opens(f"/tickets/{number}")
    assert "nobody" not in tom.form("/assign").choices["assignee"], "it is nobody's"
    await tom.sends("/take")
    told = len(await desk.all_of(OutboxRow))
    await tom.sends("/assign", assignee="nobody")
    assert "Tom dejó el ticket sin técnico" in tom.text
    assert "Sin técnico todavía" in tom.text
    given = await desk.ticket(number)
    assert (given.assignee_id, given.state) == (None, State.OPEN)
    assert len(await desk.all_of(OutboxRow)) == told, "customers are not told"


async def test_many_are_given_back_to_nobody_but_none_that_a_colleague_took_meanwhile(desk, log_in, tickets):
    tom, sofia = await log_in("tom"), await log_in("sofia")
    await tom.opens("/")
    await ticks(tom, "/bulk/take", *tom.form("/bulk/take").choices["chosen"])
    await tom.opens("/")
    shown = tom.form("/bulk/take").choices["chosen"]
    await sofia.opens(f"/tickets/{tickets[1].number}")
    await sofia.sends("/take")
    await ticks(tom, "/bulk/assign", *shown, assignee="nobody")
    assert "Hecho en 2 tickets." in tom.text
    assert f"No en #{tickets[1].number}" in tom.text
    names = [one.assignee and one.assignee.name for one in [await desk.ticket(one.number) for one in tickets]]
    assert names == [None, "Sofia", None]
    await tom.opens("/?owner=nobody")
    assert f"#{tickets[0].number}" in tom.text
    assert f"#{tickets[1].number}" not in tom.text


async def test_many_are_left_pending(desk, tom, tickets):
    sofia = await desk.employ("sofia", is_development=True)
    await tom.opens("/")
    chosen = [f"{ticket.number}:{ticket.version}" for ticket in tickets[:2]]
    await ticks(tom, "/bulk/pending", *chosen, remind_at="2020-01-01T09:00", responsible=str(sofia.id))
    assert tom.status == 422
    await ticks(tom, "/bulk/pending", *chosen, remind_at="2020-01-01T09:00")
    assert tom.status == 422
    ahead = f"{(await desk.ticket(tickets[0].number)).created_at.year + 1}-01-02T09:00"
    await ticks(tom, "/bulk/pending", *chosen, remind_at=ahead, responsible=str(sofia.id))
    assert "Hecho en 2 tickets." in tom.text
    assert (await desk.ticket(tickets[0].number)).state is State.PENDING


async def test_who_only_reads_ticks_nothing(log_in, tickets):
    vera = await log_in("vera", Role.AUDITOR)
    await vera.opens("/")
    assert not [form for form in vera.page.forms if form.action.startswith("/bulk")]
    answer = await vera.client.post(
        "/bulk/take", data=vera.form("/views/keep").fields, headers={"Origin": vera.origin}
    )
    assert answer.status_code == 403
