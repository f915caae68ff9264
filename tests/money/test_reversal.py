"""Reopening takes back by counter-entry what a closing charged, until it was invoiced; no line is ever changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.errors import ConflictError
from core.models import Report, TechnicalHour
from core.rules.closures import Closure
from core.rules.ledger import LineKind


async def number_of(ada, closure) -> int:
    tickets = await ada.desk.all_of(type(await ada.desk.ticket(1001)))
    return next(ticket.number for ticket in tickets if ticket.id == closure.ticket_id)


async def test_a_technical_hour_is_withdrawn_and_the_others_minutes_fill_another(ada):
    first = await ada.close(Closure.INVOICED, 40)
    second = await ada.close(Closure.INVOICED, 30)
    third = await ada.close(Closure.INVOICED, 45)
    assert await ada.hours() == [{first.id: 40, second.id: 20}]

    await ada.reopen(await number_of(ada, first))

    assert await ada.hours() == [{second.id: 30, third.id: 30}]
    assert await ada.balances() == (15, 200)
    assert (await ada.lines())[-3:] == [
        (LineKind.HOUR_WITHDRAWN, 60),
        (LineKind.REVERSAL, -40),
        (LineKind.HOUR_ISSUED, -60),
    ]


async def test_two_parts_of_one_closing_that_meet_again_are_one(ada):
    first = await ada.close(Closure.INVOICED, 30)
    second = await ada.close(Closure.INVOICED, 70)  # 30 + 30 | 40 stay
    third = await ada.close(Closure.INVOICED, 15)
    await ada.reopen(await number_of(ada, first))
    assert await ada.hours() == [{second.id: 60}]
    assert await ada.balances() == (25, 200)
    await ada.close(Closure.INVOICED, 35)
    assert (await ada.hours())[1].keys() >= {second.id, third.id}


async def test_purchased_hours_come_back_and_the_ticket_is_charged_anew_with_all_its_minutes(ada):
    closed = await ada.close(Closure.IMPLEMENTATION, 50)
    number = await number_of(ada, closed)
    await ada.reopen(number)
    assert await ada.balances() == (0, 200)

    again = await ada.close(Closure.IMPLEMENTATION, 10, ticket=number)
    assert (again.real_minutes, again.charged_minutes) == (10, 60)
    assert await ada.balances() == (0, 140)


async def test_the_minimum_holds_once_per_ticket(ada):
    closed = await ada.close(Closure.INVOICED, 4)
    number = await number_of(ada, closed)
    await ada.reopen(number)
    again = await ada.close(Closure.INVOICED, 5, ticket=number)
    assert (closed.charged_minutes, again.charged_minutes) == (15, 15)
    assert await ada.balances() == (15, 200)


async def test_an_invoiced_hour_refuses_with_the_reason_and_nothing_moves(ada):
    closed = await ada.close(Closure.INVOICED, 70)
    (hour,) = await ada.desk.all_of(TechnicalHour)
    await ada.invoice(hour)
    before = await ada.lines()
    with pytest.raises(ConflictError, match="Technical hour 1 ") as refused:
        await ada.reopen(await number_of(ada, closed))
    assert refused.value.reasons == ("hour_invoiced",)
    assert await ada.lines() == before


async def test_what_charged_nothing_leaves_no_line(ada):
    closed = await ada.close(Closure.WARRANTY, 20)
    before = await ada.lines()
    await ada.reopen(await number_of(ada, closed))
    assert await ada.lines() == before


@pytest.mark.parametrize("table", ["ledger_lines", "technical_hours", "technical_hour_parts", "invoicings"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = id"])
async def test_nothing_in_the_ledger_is_ever_overwritten(ada, table, verb):
    await ada.close(Closure.INVOICED, 70)
    (hour,) = await ada.desk.all_of(TechnicalHour)
    await ada.invoice(hour)
    with pytest.raises(DBAPIError, match="only ever added"):
        async with ada.desk.database.write() as session:
            await session.execute(text(verb.format(table)))


async def test_the_report_after_a_reopening_tells_of_the_closing_before(ada):
    closed = await ada.close(Closure.INVOICED, 20)
    number = await number_of(ada, closed)
    await ada.reopen(number)
    await ada.close(Closure.WARRANTY, 5, ticket=number)
    first, second = await ada.desk.all_of(Report)
    told = [[(entry["who"], entry["what"]) for entry in report.snapshot["timeline"]] for report in (first, second)]
    earlier = told[0]
    assert "Cerrado y facturado" not in {words for _who, words in earlier}, "how it closes now stands beneath"
    assert told[1] == [*earlier, ("Tom", "Cerrado y facturado"), ("", "Abierto")]
