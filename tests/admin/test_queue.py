"""The queue: filters in the address, who waits since when, and pages."""

import importlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from sqlalchemy import text

from admin.pages import filters
from core.actions import pending, tickets
from core.clock import now
from core.models import ResetRequest, Technician, Ticket
from core.queries import queue
from core.queries.tickets import by_number
from core.queries.wanted import Cursor, Shelf, Wanted
from core.rules.services import Service
from core.rules.states import State, WaitingFor, waiting_for
from tests.admin.browser import PageReader


def numbers(page: PageReader) -> list[str]:
    """The tickets shown, in order."""
    links = (link for link in page.links if link.startswith("/tickets/") and link != "/tickets/new")
    return list(dict.fromkeys(link.partition("?")[0].rsplit("/", 1)[1] for link in links))


def to_page(page: PageReader, which: str) -> str | None:
    """The link to the page ``after`` or ``before`` the one shown."""
    return next((link for link in page.links if f"{which}=" in link), None)


async def test_a_line_that_is_the_same_goes_on_telling_how_long_somebody_waits(desk, log_in, company, ada):
    with time_machine.travel(datetime(2026, 11, 24, 14, tzinfo=UTC), tick=False) as clock:  # a Tuesday, 9:00 there
        await desk.receives(company, ada, at=now())
        tom = await log_in("tom")
        for waited in ("10 min", "25 min"):
            clock.move_to(datetime(2026, 11, 24, 14, int(waited[:2]), tzinfo=UTC), tick=False)
            await tom.opens("/")
            assert f"· {waited} hábiles" in tom.text


async def test_each_tab_shows_its_states(desk, tom, company, ada):
    made = {state: await desk.receives(company, ada, f"En {state}", state=state) for state in State}
    shown = {
        "": {State.NEW, State.OPEN, State.PENDING},
        "new": {State.NEW},
        "open": {State.OPEN},
        "pending": {State.PENDING},
        "closed": {State.WARRANTY, State.IMPLEMENTATION, State.UNSUCCESSFUL, State.INVOICED, State.MERGED},
        "all": set(State),
        "nonsense": {State.NEW, State.OPEN, State.PENDING},
    }
    for tab, states in shown.items():
        await tom.opens(f"/?state={tab}")
        assert set(numbers(tom.page)) == {str(made[state].number) for state in states}, tab


async def test_mine_and_nobodys(desk, tom, company, ada):
    mine, free = await desk.receives(company, ada), await desk.receives(company, ada)
    await tom.opens(f"/tickets/{mine.number}")
    await tom.sends("/take")

    await tom.opens("/?owner=mine")
    assert numbers(tom.page) == [str(mine.number)]
    await tom.opens("/?owner=nobody")
    assert numbers(tom.page) == [str(free.number)]


async def test_by_service_and_by_who_is_responsible(desk, tom, company, ada):
    sofia = await desk.employ("sofia", is_development=True)
    wish = await desk.receives(company, ada, "Un informe", service=Service.DEVELOPMENT)
    help_ = await desk.receives(company, ada, "Ayuda", state=State.PENDING)
    async with desk.database.write() as session:
        ticket = await session.get_one(Ticket, help_.id)
        ticket.responsible_id, ticket.remind_at = sofia.id, now() + timedelta(days=2)

    await tom.opens("/?service=development")
    assert numbers(tom.page) == [str(wish.number)]
    await tom.opens(f"/?responsible={sofia.id}")
    assert numbers(tom.page) == [str(help_.number)]
    assert "Sofia" in tom.text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("impresión", True),
        ("IMPRESION", True),
        ("ferretería ÑANDÚ", True),
        ("ferreteria nandu impresion", True),
        ("0992345678001", True),
        ("099234", True),
        ("1001", True),
        ("#1001", True),
        ("100%", False),
        ("_", False),
        ("impresión panadería", False),
        ("99999999999999999999", False),
    ],
)
async def test_words_are_found_whatever_case_and_accents(desk, tom, words, found):
    company = await desk.registers(name="Ferretería Ñandú")
    ticket = await desk.receives(company, await desk.greets(company), "Problema de IMPRESIÓN")
    assert ticket.number == 1001
    await tom.client.get("/")
    tom.answer = await tom.client.get("/", params={"q": words})
    assert numbers(tom.page) == (["1001"] if found else [])


async def test_who_waits_for_whom_and_since_when(desk, tom, company, ada):
    moment = now() - timedelta(days=2)
    waiting = await desk.receives(company, ada, "Espera Ada", at=moment)
    answered = await desk.receives(company, ada, "Espera Tom", at=moment)
    await tom.opens(f"/tickets/{answered.number}")
    await tom.sends("/reply", text="Mándeme una captura")

    await tom.opens("/?waiting=desk")
    assert numbers(tom.page) == [str(waiting.number)]
    assert f"El cliente desde {desk.office.t.moment(moment)}" in tom.text
    await tom.opens("/?waiting=customer")
    assert numbers(tom.page) == [str(answered.number)]
    assert f"Soporte desde {desk.office.t.date(now())}" in tom.text


@pytest.mark.parametrize("spoke_last", [True, False])
@pytest.mark.parametrize("state", State)
async def test_the_filter_and_the_rule_agree_on_who_waits(desk, tom, database, company, ada, state, spoke_last):
    made = await desk.receives(company, ada, state=state)
    async with database.write() as session:
        (await session.get_one(Ticket, made.id)).customer_spoke_last = spoke_last
    actor = await desk.employ("tom")
    found = set()
    async with database.read() as session:
        for whom in WaitingFor:
            page = await queue.page(session, Wanted(shelf=Shelf.ALL, waiting=whom), actor=actor)
            found |= {whom} if page.lines else set()
    assert found == {waiting_for(state, last_author_is_customer=spoke_last)}


@pytest.mark.parametrize("order", ["", "latest", "oldest"])
async def test_pages_show_every_ticket_once(desk, tom, database, company, ada, order):
    moment = now() - timedelta(hours=1)
    for index in range(queue.PAGE + 5):
        # several share an instant
        await desk.receives(company, ada, f"Ticket {index}", at=moment + timedelta(seconds=index // 3))
    await tom.opens(f"/?order={order}&state=new")
    first = numbers(tom.page)
    assert len(first) == queue.PAGE
    following = next(link for link in tom.page.links if "after=" in link)
    assert "state=new" in following
    await tom.opens(following)
    second = numbers(tom.page)

    together = [int(number) for number in first + second]
    assert len(set(together)) == queue.PAGE + 5
    assert together == sorted(together, reverse=order == "latest")
    assert not any("after=" in link for link in tom.page.links)


@pytest.mark.parametrize("order", ["", "latest", "oldest"])
async def test_one_pages_back_to_where_one_was(desk, tom, database, company, ada, order, monkeypatch):
    moment = now() - timedelta(hours=1)
    made = [await desk.receives(company, ada, f"Ticket {index}", state=State.OPEN) for index in range(23)]
    async with database.write() as session:  # several share an instant, and half of them wait for the customer
        for index, ticket in enumerate(made):
            row = await session.get_one(Ticket, ticket.id)
            row.customer_spoke_last, row.updated_at = bool(index % 2), moment + timedelta(seconds=index // 3)
            row.turn_at = row.updated_at
    monkeypatch.setattr(queue, "PAGE", 5)
    await tom.opens(f"/?order={order}&owner=nobody")
    there = [numbers(tom.page)]
    while following := to_page(tom.page, "after"):
        await tom.opens(following)
        there.append(numbers(tom.page))
    back = [there[-1]]
    while previous := to_page(tom.page, "before"):
        assert "owner=nobody" in previous
        await tom.opens(previous)
        back.append(numbers(tom.page))
        assert to_page(tom.page, "after"), "and on again"
    assert back[::-1] == there
    assert [len(page) for page in there] == [5, 5, 5, 5, 3]


async def test_what_is_left_before_a_page_is_shown_with_what_follows(desk, tom, database, company, ada, monkeypatch):
    made = [await desk.receives(company, ada, at=now() - timedelta(hours=9 - index)) for index in range(8)]
    monkeypatch.setattr(queue, "PAGE", 3)
    await tom.opens("/")
    await tom.opens(to_page(tom.page, "after"))
    async with database.write() as session:
        (await session.get_one(Ticket, made[0].id)).state = State.WARRANTY
    await tom.opens(to_page(tom.page, "before"))
    assert numbers(tom.page) == [str(ticket.number) for ticket in made[1:4]]
    assert to_page(tom.page, "before") is None


async def test_the_most_urgent_comes_first_and_what_customers_owe_last(desk, tom, database, company, ada):
    sofia = await desk.employ("sofia", is_development=True)
    moment = now() - timedelta(hours=3)
    answered = await desk.receives(company, ada, "Contestado", at=moment - timedelta(hours=9))
    young = await desk.receives(company, ada, "Reciente", at=moment + timedelta(hours=1))
    old = await desk.receives(company, ada, "Antiguo", at=moment)
    dated = await desk.receives(company, ada, "Con fecha", at=moment - timedelta(days=9))
    actor = await desk.employ("tom")
    async with database.write() as session:
        who = await session.get_one(Technician, actor.id)
        await tickets.reply(session, who, await by_number(session, answered.number), text="Hola", office=desk.office)
        await pending.set_pending(
            session,
            who,
            await by_number(session, dated.number),
            remind_at=now() + timedelta(minutes=1),
            responsible=await session.get_one(Technician, sofia.id),
            office=desk.office,
        )
    await tom.opens("/")
    assert numbers(tom.page) == [str(ticket.number) for ticket in (old, young, dated, answered)]
    async with database.read() as session:
        for cut in range(3):
            page = await queue.page(session, Wanted(), actor=actor)
            after = queue.place(page.lines[cut].ticket, Wanted())
            rest = await queue.page(session, Wanted(after=Cursor.parse(str(after))), actor=actor)
            assert [line.ticket.number for line in rest.lines] == [
                line.ticket.number for line in page.lines[cut + 1 :]
            ]


async def test_a_turn_begins_anew_with_each_change_of_who_waits(desk, tom, database, company, ada):
    made = await desk.receives(company, ada, at=now() - timedelta(days=2))
    assert (made.turn_at, made.urgent_at) == (made.created_at, made.created_at)
    await tom.opens(f"/tickets/{made.number}")
    await tom.sends("/reply", text="Hola")
    answered = await desk.ticket(made.number)
    assert made.turn_at < answered.turn_at <= answered.updated_at
    assert answered.urgent_at is None
    await tom.sends("/note", text="Sigue en lo mismo")
    assert (await desk.ticket(made.number)).turn_at == answered.turn_at


async def test_tickets_of_an_older_desk_get_the_turns_they_would_have_had(desk, tom, database, company, ada):
    waiting = await desk.receives(company, ada, at=now() - timedelta(days=2))
    answered = await desk.receives(company, ada, at=now() - timedelta(days=2))
    closed = await desk.receives(company, ada, state=State.WARRANTY)
    await tom.opens(f"/tickets/{answered.number}")
    await tom.sends("/reply", text="Hola")
    before = [await desk.ticket(ticket.number) for ticket in (waiting, answered, closed)]
    migration = importlib.import_module("core.migrations.versions.0033_urgency")
    async with database.write() as session:
        await session.execute(text("UPDATE tickets SET turn_at = NULL, urgent_at = NULL"))
        for statement in (migration._TURNS, migration._URGENCY):
            await session.execute(text(statement))
    for old in before:
        new = await desk.ticket(old.number)
        assert abs(new.turn_at - old.turn_at) < timedelta(seconds=1)
        assert (new.urgent_at is None) == (old.urgent_at is None)


async def test_filters_by_product_company_and_colleague(desk, tom, database, company, ada):
    other = await desk.registers("1790012345001", "Taller Eva")
    sofia = await desk.employ("sofia")
    foreign = await desk.receives(other, await desk.greets(other, "Eva", 502))
    own = await desk.receives(company, ada)
    async with database.write() as session:
        (await session.get_one(Ticket, foreign.id)).assignee_id = sofia.id
        (await session.get_one(Ticket, own.id)).product = "SaciAnex ATS"
    for query, ticket in (
        (f"company={other.ruc}", foreign),
        ("company=1790+012345+001", foreign),
        ("company=eva+TALLÉR", foreign),
        ("company=17900", foreign),
        (f"owner={sofia.id}", foreign),
        ("product=SaciAnex+ATS", own),
    ):
        await tom.opens(f"/?{query}")
        assert numbers(tom.page) == [str(ticket.number)], query
    await tom.opens("/?company=nadie")
    assert numbers(tom.page) == []


@pytest.mark.parametrize(("words", "cleared"), [("", "/"), ("imprime", "/?q=imprime")])
async def test_clearing_leaves_no_filter_on(desk, tom, company, ada, words, cleared):
    ticket = await desk.receives(company, ada, "No imprime")
    chosen = dict.fromkeys(filters.KEPT, "1") | {"state": "closed", "service": "development", "q": words}
    await tom.opens(f"/?{urlencode(chosen)}")
    assert numbers(tom.page) == []
    (link,) = re.findall('href="([^"]*)">Quitar filtros', tom.answer.text)
    assert link == cleared
    await tom.opens(link)
    assert numbers(tom.page) == [str(ticket.number)]


async def test_the_filters_are_open_where_one_is_chosen(tom):
    assert '<details class="fold">' in (await tom.opens("/?state=all")).text
    assert '<details class="fold" open>' in (await tom.opens("/?state=all&owner=mine")).text


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "1-1-1", "1-1-restless", "9" * 30 + "-1", "²-1"])
def test_a_cursor_nobody_gave_is_none(text):
    assert Cursor.parse(text) is None


async def test_forgotten_passwords_lead_to_the_company_or_say_it_is_unknown(desk, tom, database, company, ada):
    async with database.write() as session:
        for ruc in (company.ruc, "1790012345001"):
            session.add(ResetRequest(person_id=ada.id, ruc=ruc, at=now()))
        session.add(ResetRequest(person_id=ada.id, ruc="0102030405001", at=now(), handled_at=now()))
    await tom.opens("/")

    assert f"/companies/{company.ruc}#password" in tom.page.links
    assert "1790012345001 – ninguna empresa tiene este RUC" in tom.text
    assert "0102030405001" not in tom.text


async def test_unverified_tickets_are_marked(desk, tom, company, ada):
    await desk.receives(company, ada, verified=False)
    await tom.opens("/")
    assert "sin verificar" in tom.text


async def test_the_search_of_every_page_finds_what_was_said_and_noted(desk, tom, company, ada):
    ticket = await desk.receives(company, ada, "No imprime", "Sale en blanco desde la actualización.")
    closed = await desk.receives(company, ada, "Otra <cosa>", "La actualizacion falló.", state=State.WARRANTY)
    await tom.opens(f"/tickets/{ticket.number}")
    assert "Buscar en todo" in tom.text
    await tom.sends("/note", text="Cliente con módem ZTE")

    await tom.opens("/?q=ACTUALIZACIÓN")
    assert numbers(tom.page) == [str(closed.number), str(ticket.number)]
    assert "<mark>actualización</mark>" in tom.answer.text
    assert "Otra &lt;cosa&gt;" in tom.answer.text
    await tom.opens("/?q=actualización&state=closed")
    assert numbers(tom.page) == [str(closed.number)]
    await tom.opens("/?q=modem+abiertos")
    assert numbers(tom.page) == [str(ticket.number)]
    assert "Nota interna" in tom.text
    await tom.opens("/?q=nadie+lo+dijo")
    assert "No se encontró nada" in tom.text
