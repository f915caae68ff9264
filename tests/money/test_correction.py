"""A corrected closing charges once and does what its preview said; no minute of a reopened ticket is forgotten."""

from datetime import timedelta

import pytest
import time_machine

from core.actions import purchases
from core.clock import now
from core.errors import ConflictError
from core.models import Company, TechnicalHour, Technician, Ticket, TimeCorrection, TimeEntry
from core.queries import reports
from core.queries.reports import Question, Whom
from core.rules.closures import Closure, ClosurePlan
from core.rules.periods import Step, period
from core.rules.permissions import Role
from tests.money.accounts import Accounts


def does(plan) -> tuple[int | None, ...]:
    hours = plan.technical_hours_issued if isinstance(plan, ClosurePlan) else plan.technical_hours
    return plan.charged_minutes, plan.bag_after, hours, plan.purchased_before, plan.purchased_after


@pytest.mark.parametrize(
    ("before", "after", "minutes", "bag", "purchased"),
    [
        (Closure.INVOICED, Closure.IMPLEMENTATION, 20, 0, 180),
        (Closure.IMPLEMENTATION, Closure.INVOICED, 30, 30, 200),
        (Closure.INVOICED, Closure.IMPLEMENTATION, 70, 0, 130),
        (Closure.IMPLEMENTATION, Closure.WARRANTY, 30, 0, 200),
    ],
)
async def test_a_corrected_closing_charges_its_minutes_once(ada, before, after, minutes, bag, purchased):
    closed = await ada.close(before, minutes)
    foreseen, done = await ada.correct(closed, after, minutes)
    assert does(foreseen) == does(done)
    assert done.charged_minutes == (0 if after is Closure.WARRANTY else minutes)
    assert await ada.balances() == (bag, purchased)
    assert await ada.hours() == []


async def test_what_was_charged_before_a_reopening_is_still_charged_after_a_correction(ada):
    closed = await ada.close(Closure.INVOICED, 20)
    number = (await ada.desk.all_of(Ticket))[-1].number
    await ada.reopen(number)
    again = await ada.close(Closure.INVOICED, 10, ticket=number)
    foreseen, done = await ada.correct(again, Closure.IMPLEMENTATION, 10)
    assert (closed.charged_minutes, again.charged_minutes, done.charged_minutes) == (20, 30, 30)
    assert (again.carried_minutes, done.carried_minutes) == (20, 20)
    assert does(foreseen) == does(done)
    assert await ada.balances() == (0, 170)


@pytest.mark.parametrize(
    ("kind", "minutes", "bag", "purchased", "entries"),
    [
        (Closure.INVOICED, 40, 40, 200, [40]),
        (Closure.INVOICED, 0, 15, 200, [0]),
        (Closure.INVOICED, 150, 30, 200, [130, 20]),
        (Closure.IMPLEMENTATION, 40, 0, 160, [40]),
        (Closure.WARRANTY, 40, 0, 200, [40]),
    ],
)
async def test_wrong_minutes_of_a_closing_are_put_right(ada, kind, minutes, bag, purchased, entries):
    closed = await ada.close(Closure.INVOICED, 130)
    foreseen, done = await ada.correct(closed, kind, minutes, reason="Mal escrito")
    assert does(foreseen) == does(done)
    assert (done.real_minutes, await ada.balances()) == (minutes, (bag, purchased))
    assert [entry.minutes for entry in await ada.desk.all_of(TimeEntry)] == entries
    trail = [(one.minutes_before, one.minutes_after, one.reason) for one in await ada.desk.all_of(TimeCorrection)]
    assert trail == ([(130, minutes, "Mal escrito")] if minutes < 130 else [])


async def test_corrected_minutes_are_those_a_reopening_gives_back(ada):
    closed = await ada.close(Closure.INVOICED, 400)
    await ada.correct(closed, Closure.INVOICED, 40, reason="Mal escrito")
    number = (await ada.desk.all_of(Ticket))[-1].number
    await ada.reopen(number)
    assert await ada.unaccounted() == 40
    again = await ada.close(Closure.INVOICED, 5, ticket=number)
    assert (again.carried_minutes, again.charged_minutes) == (40, 45)


@pytest.mark.parametrize(
    ("minutes", "reason", "refusal"),
    [(30, " ", "reason_missing"), (130, "", "same_closure"), (-1, "x", "minutes_negative")],
)
async def test_a_correction_that_is_none_changes_nothing(ada, minutes, reason, refusal):
    closed = await ada.close(Closure.INVOICED, 130)
    before = await ada.lines()
    with pytest.raises(ConflictError) as refused:
        await ada.correct(closed, Closure.INVOICED, minutes, reason=reason)
    assert refusal in refused.value.reasons
    assert await ada.lines() == before


async def test_minutes_on_an_invoice_stay(ada):
    closed = await ada.close(Closure.INVOICED, 130)
    await ada.invoice((await ada.desk.all_of(TechnicalHour))[0])
    with pytest.raises(ConflictError, match="has been invoiced"):
        await ada.correct(closed, Closure.INVOICED, 30, reason="Mal escrito")
    assert [entry.minutes for entry in await ada.desk.all_of(TimeEntry)] == [130]


@pytest.mark.parametrize("free", [Closure.WARRANTY, Closure.UNSUCCESSFUL])
async def test_what_a_closing_left_uncharged_is_not_charged_by_a_later_one(ada, free):
    await ada.close(Closure.INVOICED, 20)
    number = (await ada.desk.all_of(Ticket))[-1].number
    await ada.reopen(number)
    await ada.calls_in_vain(number)
    await ada.close(free, 5, ticket=number)
    assert await ada.balances() == (0, 200)
    await ada.reopen(number)
    assert await ada.unaccounted() == 0
    again = await ada.close(Closure.INVOICED, 10, ticket=number)
    assert (again.carried_minutes, again.charged_minutes) == (0, 15)
    assert await ada.balances() == (15, 200)


async def test_correcting_what_was_left_uncharged_charges_what_was_before_it(ada):
    await ada.close(Closure.INVOICED, 20)
    number = (await ada.desk.all_of(Ticket))[-1].number
    await ada.reopen(number)
    free = await ada.close(Closure.WARRANTY, 5, ticket=number)
    foreseen, done = await ada.correct(free, Closure.INVOICED, 5)
    assert (done.carried_minutes, done.charged_minutes) == (20, 25)
    assert does(foreseen) == does(done)
    await ada.reopen(number)
    assert await ada.unaccounted() == 25


async def test_the_preview_knows_that_returned_hours_have_expired(desk):
    ada = await Accounts.opened(desk, purchased=None)
    boss = await desk.employ("boss", role=Role.ADMINISTRATOR)
    async with desk.database.write() as session:
        actor, company = await session.get_one(Technician, boss.id), await session.get_one(Company, ada.company.id)
        tomorrow = now() + timedelta(days=1)
        await purchases.buy(session, actor, company, minutes=60, reference="1", expires_at=tomorrow)
    closed = await ada.close(Closure.IMPLEMENTATION, 60)
    with time_machine.travel(now() + timedelta(days=2)):
        foreseen, done = await ada.correct(closed, Closure.INVOICED, 60)
    assert does(foreseen) == does(done)
    assert await ada.balances() == (0, 0)


async def test_the_minutes_of_a_reopened_ticket_are_not_accounted_for_until_it_closes(ada):
    await ada.close(Closure.INVOICED, 50)
    number = (await ada.desk.all_of(Ticket))[-1].number
    assert await ada.unaccounted() == 0
    await ada.reopen(number)
    assert await ada.unaccounted() == 50
    await ada.close(Closure.INVOICED, 5, ticket=number)
    assert await ada.unaccounted() == 0


async def test_a_reopened_closing_is_not_counted_twice(ada):
    await ada.close(Closure.INVOICED, 50)
    number = (await ada.desk.all_of(Ticket))[-1].number
    zone = ada.desk.office.t.timezone
    today = now().astimezone(zone).date()
    asked = Question(period(today, today, zone), Step.DAY)

    async def counted() -> tuple[int, int]:
        async with ada.desk.database.read() as session:
            figures = await reports.figures(session, asked)
        return sum(line.charged for line in figures.minutes[Whom.COMPANY]), sum(figures.closed[Closure.INVOICED])

    assert await counted() == (50, 1)
    await ada.reopen(number)
    assert await counted() == (0, 0)
    await ada.close(Closure.INVOICED, 5, ticket=number)
    assert await counted() == (55, 1)
    assert await ada.balances() == (55, 200)
