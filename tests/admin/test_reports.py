"""Reports: a small world whose figures are counted here by hand, on both databases."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select

from core.actions import calls, closing, merging, reopening, tickets
from core.models import (
    Article,
    ArticleKind,
    Company,
    OfficeHours,
    Person,
    Rating,
    Technician,
    Ticket,
    TicketClosure,
    TimeEntry,
)
from core.queries import reports
from core.queries.hours import calendar
from core.queries.reports import Minutes, Question, Whom
from core.queries.tickets import by_number
from core.rules.calls import CallOutcome
from core.rules.closures import Closure, ClosureRequest
from core.rules.periods import Step, period
from core.rules.permissions import Role
from core.rules.services import Service
from tests.admin.desk import Desk
from tests.admin.test_questions import questions

MONDAY = "/reports?from=2026-10-05&to=2026-10-07"


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of October 2026 in Guayaquil, five hours behind UTC."""
    return datetime(2026, 10, day + (hour + 5) // 24, (hour + 5) % 24, minute, tzinfo=UTC)


@pytest.fixture
async def world(desk: Desk) -> Desk:
    """Three tickets of Monday and Tuesday, 5 and 6 October; one of Sunday that is outside."""
    ada, eve = await desk.registers(), await desk.registers("1790012345001", "=Eva & Cía.")
    person, other = await desk.greets(ada), await desk.greets(eve, "Eva", 502)
    tom, lucia = await desk.employ("tom"), await desk.employ("lucia")
    await desk.receives(ada, person, at=local(4, 23, 59))
    first = await desk.receives(ada, person, at=local(5, 9))
    second = await desk.receives(eve, other, at=local(5, 16, 30), service=Service.DEVELOPMENT)
    third = await desk.receives(ada, person, at=local(6, 23, 59))
    async with desk.database.write() as session:
        if not (await session.scalars(select(OfficeHours))).first():
            session.add_all(OfficeHours(weekday=day, opens=480, closes=1020) for day in range(5))
        for ticket, by, at in (
            (first, tom, local(5, 9, 20)),
            (first, tom, local(5, 11)),
            (second, lucia, local(6, 9)),
        ):
            position = 2 if at != local(5, 11) else 3
            session.add(answer(ticket.id, position, by.id, at))
        session.add(closed_as(first.id, 1, Closure.WARRANTY, tom.id, local(5, 12), charged=0))
        session.add(closed_as(second.id, 1, Closure.IMPLEMENTATION, lucia.id, local(6, 10), charged=45))
        session.add_all(
            TimeEntry(ticket_id=ticket.id, technician_id=by.id, minutes=minutes, at=local(6, 10))
            for ticket, by, minutes in ((first, tom, 20), (second, tom, 5), (second, lucia, 30), (third, lucia, 7))
        )
        await session.flush()
        closure = (await session.scalars(select(TicketClosure).order_by(TicketClosure.id))).first()
        session.add(closed_as(first.id, 2, Closure.INVOICED, tom.id, local(6, 12), charged=15, replaces=closure.id))
        session.add(Rating(closure_id=closure.id, person_id=person.id, stars=4, at=local(6, 13)))
    return desk


def answer(ticket: int, position: int, by: int, at: datetime) -> Article:
    article = Article(ticket_id=ticket, position=position, kind=ArticleKind.REPLY, technician_id=by, text="Listo")
    article.created_at = at
    return article


def closed_as(
    ticket: int, number: int, kind: Closure, by: int, at: datetime, *, charged: int, replaces: int | None = None
) -> TicketClosure:
    return TicketClosure(
        ticket_id=ticket, number=number, closure=kind, technician_id=by, cause="", solution="", at=at,
        real_minutes=20, charged_minutes=charged, bag_before=0, bag_after=0, technical_hours=0,
        replaces_id=replaces,
    )  # fmt: skip


async def test_the_figures_are_those_counted_by_hand(world: Desk, office) -> None:
    zone = office.t.timezone
    asked = Question(period(date(2026, 10, 5), date(2026, 10, 7), zone), Step.DAY)
    async with world.database.read() as session:
        figures = await reports.figures(session, asked)
        hours = await calendar(session, zone)
    assert figures.opened == [2, 1, 0]
    assert figures.unanswered == [0, 1, 0]
    # the warranty became an invoiced closing: it counts once, as that
    assert {kind: numbers for kind, numbers in figures.closed.items() if any(numbers)} == {
        Closure.IMPLEMENTATION: [0, 1, 0],
        Closure.INVOICED: [0, 1, 0],
    }
    # 9:00 to 9:20; 16:30 to 17:00 and 8:00 to 9:00
    responses = reports.waits(figures.moments.responses, asked, hours, by=0)
    assert (responses.by_step, responses.median, responses.count) == ([20, None, None], 20, 2)
    # 9:00 to 12:00 on Monday; 30 and 120 minutes until Tuesday
    resolutions = reports.waits(figures.moments.resolutions, asked, hours, by=1)
    assert (resolutions.by_step, resolutions.count) == ([180, 150, None], 2)
    assert figures.stars == {1: 0, 2: 0, 3: 0, 4: 1, 5: 0}
    assert figures.minutes[Whom.TECHNICIAN] == [Minutes("Lucia", 37, 45), Minutes("Tom", 25, 15)]
    assert figures.minutes[Whom.SERVICE] == [Minutes("development", 35, 45), Minutes("support", 27, 15)]
    assert figures.minutes[Whom.COMPANY] == [Minutes("=Eva & Cía.", 35, 45), Minutes("Ferretería Ada", 27, 15)]


async def test_of_one_technician_only_their_own_work_counts(world: Desk, office) -> None:
    span = period(date(2026, 10, 5), date(2026, 10, 7), office.t.timezone)
    async with world.database.read() as session:
        figures = await reports.figures(session, Question(span, Step.DAY, technician="lucia"))
    assert figures.minutes[Whom.TECHNICIAN] == [Minutes("Lucia", 37, 45)]
    assert {kind for kind, numbers in figures.closed.items() if any(numbers)} == {Closure.IMPLEMENTATION}
    assert (sum(figures.opened), sum(figures.stars.values())) == (0, 0)


async def test_the_page_draws_them_and_filters_in_its_address(world: Desk, log_in) -> None:
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(MONDAY)
    assert berta.form("/").fields["q"] == "", "the search of the header has nothing to do with the range"
    assert "Se crearon 3 tickets." in berta.text
    assert "La mitad en 20 min o menos: 2 tickets. 1 ticket aún no tiene respuesta." in berta.text
    await berta.opens(f"{MONDAY}&company=1790012345001")
    assert "Se creó 1 ticket." in berta.text
    await berta.opens(f"{MONDAY}&technician=lucia")
    assert "37 min trabajados, 45 min cargados." in berta.text
    page = await berta.client.get(MONDAY)
    assert "<title>05/10/26: Tickets creados 2</title>" in page.text
    assert "style=" not in page.text
    table = await berta.client.get("/reports.csv?from=2026-10-05&to=2026-10-07")
    assert '"\'=Eva & Cía.";35;45' in table.content.decode("utf-8-sig")
    assert '"Mediana";"Aún sin respuesta"\r\n"05/10/26";20;0\r\n"06/10/26";"";1\r\n' in table.content.decode(
        "utf-8-sig"
    )


@pytest.mark.parametrize("words", ["1790012345001", "eva", "EVÁ cia", "cia 179001"])
async def test_a_company_is_named_by_its_ruc_or_by_words(world: Desk, log_in, words: str) -> None:
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"{MONDAY}&company={words}")
    assert "Se creó 1 ticket." in berta.text
    assert "=Eva & Cía. 1790012345001" in berta.text
    table = await berta.client.get(f"/reports.csv?from=2026-10-05&to=2026-10-07&company={words}")
    assert "=Eva & Cía." in table.content.decode("utf-8-sig")
    assert "Ferretería Ada" not in table.content.decode("utf-8-sig")


async def test_a_company_that_is_none_or_several_is_refused_and_nothing_is_counted(world: Desk, log_in) -> None:
    await world.registers("1790012345002", "Eva Sucursal")
    berta = await log_in("berta", Role.BILLING)
    for words, why in (
        ("eva", "Varias empresas tienen este nombre: elija una."),
        ("1790012345009", "Ninguna empresa tiene este RUC."),
        ("nadie", "Escriba el RUC o el nombre de una empresa registrada."),
    ):
        await berta.opens(f"{MONDAY}&company={words}")
        assert (berta.status, why in berta.text) == (422, True)
        assert berta.form("/reports").fields["company"] == words
        assert "Tickets creados" not in berta.text
        assert "Descargar CSV" not in berta.text
        refused = await berta.client.get(f"/reports.csv?company={words}")
        assert (refused.status_code, why in refused.text) == (422, True)
    page = await berta.client.get(f"{MONDAY}&company=eva")
    choices = dict(re.findall(r'href="(/reports\?[^"]+company=\d{13})">([^<]+)', page.text))
    assert [name.strip() for name in choices.values()] == ["=Eva &amp; Cía.", "Eva Sucursal"]
    await berta.opens(next(iter(choices)).replace("&amp;", "&"))
    assert "Se creó 1 ticket." in berta.text


async def test_they_are_counted_along_the_moments_of_their_range(world: Desk, office) -> None:
    """However many tickets there were before, none of them is looked at."""
    asked = Question(period(date(2026, 10, 5), date(2026, 10, 7), office.t.timezone), Step.DAY)
    with questions() as statements:
        async with world.database.read() as session:
            await reports.figures(session, asked)
    assert len(statements) <= 7
    if not world.database.is_sqlite:
        return  # which decides by how many there are
    async with world.database.read() as session:
        connection = await session.connection()
        for statement in statements:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?"))
            assert not [step for *_, step in plan if step.startswith("SCAN") and step != "SCAN said"], statement


@dataclass
class Week:
    """What customers and Tom do at their moments, by the desk's own verbs."""

    desk: Desk
    company: Company
    ada: Person
    tom: Technician
    clock: time_machine.Traveller

    async def arrives(self, at: datetime) -> Ticket:
        return await self.desk.receives(self.company, self.ada, at=at)

    async def tom_does(self, verb: Callable[..., Awaitable[object]], ticket: Ticket, at: datetime, **how) -> None:
        self.clock.move_to(at)
        async with self.desk.database.write() as session:
            actor = await session.get_one(Technician, self.tom.id)
            taken = await by_number(session, ticket.number, lock=True)
            await verb(session, actor=actor, ticket=taken, **how, office=self.desk.office)

    async def shows(self) -> tuple[list[int], int]:
        """After how many minutes each answer came, and how many tickets have none."""
        figures = await self._figures()
        return minutes_of(figures.moments.responses), sum(figures.unanswered)

    async def solved(self) -> list[int]:
        """After how many minutes each ticket was closed."""
        return minutes_of((await self._figures()).moments.resolutions)

    async def _figures(self) -> reports.Figures:
        zone = self.desk.office.t.timezone
        asked = Question(period(date(2026, 10, 1), date(2026, 10, 31), zone), Step.MONTH)
        async with self.desk.database.read() as session:
            return await reports.figures(session, asked)


def minutes_of(waits: Sequence[tuple[datetime, datetime]]) -> list[int]:
    return sorted(round((at - opened).total_seconds() / 60) for opened, at in waits)


@pytest.fixture
async def week(desk: Desk) -> AsyncIterator[Week]:
    """The desk on Monday at nine, and whoever is at work."""
    company = await desk.registers()
    ada, tom = await desk.greets(company), await desk.employ("tom", Role.ADMINISTRATOR)
    with time_machine.travel(local(5, 9), tick=False) as clock:
        yield Week(desk, company, ada, tom, clock)


async def test_a_ticket_the_desk_opens_is_no_quick_answer(week: Week) -> None:
    async with week.desk.database.write() as session:
        await tickets.open_for_customer(
            session,
            await session.get_one(Technician, week.tom.id),
            company=await session.get_one(Company, week.company.id),
            service=Service.SUPPORT,
            product="SaciJava",
            subject="Le actualizamos el programa",
            text="Mañana a las ocho.",
            office=week.desk.office,
        )
    assert await week.shows() == ([], 0)


async def test_a_call_that_failed_is_no_answer_and_one_that_was_taken_is(week: Week) -> None:
    ticket = await week.arrives(local(5, 9))
    await week.tom_does(calls.log_call, ticket, local(5, 9, 5), outcome=CallOutcome.NO_ANSWER)
    assert (await week.desk.articles(ticket))[-1].kind is ArticleKind.REQUEST
    assert await week.shows() == ([], 1)
    await week.tom_does(calls.log_call, ticket, local(5, 10), outcome=CallOutcome.CONNECTED)
    await week.tom_does(tickets.reply, ticket, local(5, 11), text="Quedó listo")
    assert await week.shows() == ([60], 0)


async def test_a_week_of_silence_is_seen_beside_one_quick_answer(week: Week) -> None:
    for hour in (10, 11, 12):
        await week.arrives(local(5, hour))
    answered, closed = await week.arrives(local(5, 9)), await week.arrives(local(5, 9))
    await week.tom_does(tickets.reply, answered, local(5, 9, 10), text="Lo miro")
    words = ClosureRequest(Closure.WARRANTY, "Fallo", "Corregido", 5)
    await week.tom_does(closing.close, closed, local(5, 9, 40), request=words)
    assert await week.shows() == ([10, 40], 3)


async def test_where_nobody_answered_the_page_says_so_and_not_that_nothing_happened(week: Week, log_in) -> None:
    await week.arrives(local(5, 9))
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(MONDAY)
    section = berta.text[berta.text.index("Primera respuesta") : berta.text.index("Solución, en minutos")]
    assert "1 ticket aún no tiene respuesta." in section
    assert "Nada en este rango" not in section


async def test_a_merged_ticket_waits_for_no_answer_of_its_own(week: Week) -> None:
    first, second = await week.arrives(local(5, 8)), await week.arrives(local(5, 8, 30))
    await week.tom_does(merging.merge, second, local(5, 9), into=first.number)
    assert await week.shows() == ([], 1)


async def test_a_ticket_reopened_was_solved_when_it_was_closed_for_good(week: Week, log_in) -> None:
    ticket = await week.arrives(local(5, 9))
    request = ClosureRequest(Closure.WARRANTY, "Fallo", "Corregido", 5)
    await week.tom_does(closing.close, ticket, local(5, 10), request=request)
    assert await week.solved() == [60]
    await week.tom_does(reopening.reopen, ticket, local(6, 9))
    assert await week.solved() == [], "it is open"
    await week.tom_does(closing.close, ticket, local(26, 9), request=request)
    assert await week.solved() == [21 * 24 * 60]
    invoiced = replace(request, closure=Closure.INVOICED)
    await week.tom_does(closing.reclassify, ticket, local(28, 9), request=invoiced)
    assert await week.solved() == [21 * 24 * 60], "what it was closed as is put right, not when"
    berta = await log_in("berta", Role.BILLING)
    await berta.opens("/reports?from=2026-10-01&to=2026-10-31")
    assert "uno que se reabrió cuenta hasta que volvió a cerrarse" in berta.text


async def test_a_technician_does_not_see_them(tom) -> None:
    assert (await tom.client.get(MONDAY)).status_code == 403
