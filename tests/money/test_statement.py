"""A month's statement adds up to the minute: what was, what moved, what is left, each account on its own."""

from datetime import UTC, datetime

import time_machine

from core.actions import purchases
from core.i18n import Translator
from core.models import Technician, Ticket
from core.queries import statement as statements
from core.render import statement as words
from core.rules.closures import Closure, Shortfall
from core.rules.ledger import LineKind
from core.rules.periods import month
from core.rules.permissions import Role
from tests.money.accounts import Accounts

t = Translator()
LAST_OF_OCTOBER = datetime(2031, 11, 1, 4, 59, tzinfo=UTC)  # 23:59 of the 31st in Guayaquil
NOVEMBER = datetime(2031, 11, 10, 15, tzinfo=UTC)
DECEMBER = datetime(2031, 12, 2, 15, tzinfo=UTC)


async def of(ada: Accounts, name: str) -> words.Statement:
    span = month(name, t.timezone)
    assert span is not None
    async with ada.desk.database.read() as session:
        return await statements.read(session, ada.company, span)


async def test_a_month_begins_where_the_last_one_ended(desk):
    with time_machine.travel(LAST_OF_OCTOBER):
        ada = await Accounts.opened(desk, purchased=100)
        await ada.close(Closure.INVOICED, 50)
    with time_machine.travel(NOVEMBER):
        berta = await desk.employ("berta", role=Role.BILLING)
        async with desk.database.write() as session:
            actor = await session.get_one(Technician, berta.id)
            await purchases.buy(session, actor, ada.company, minutes=30, reference="001-77")
        split = await ada.close(Closure.IMPLEMENTATION, 150, shortfall=Shortfall.SPLIT)
    with time_machine.travel(DECEMBER):
        async with desk.database.read() as session:
            number = (await session.get_one(Ticket, split.ticket_id)).number
            offered = await statements.months(session, ada.company.id, t.timezone)
        await ada.reopen(number)
    october, november, december = [await of(ada, f"2031-{n}") for n in (10, 11, 12)]

    assert [day.isoformat() for day in offered] == ["2031-12-01", "2031-11-01", "2031-10-01"]
    assert (october.purchased.opening, october.purchased.closing) == (None, 100)
    assert (october.bag.opening, october.bag.closing) == (0, 50)
    assert [(line.kind, line.minutes, line.balance) for line in november.purchased.lines] == [
        (LineKind.PURCHASE, 30, 130),
        (LineKind.CLOSURE, -130, 0),
    ]
    assert [(line.kind, line.minutes, line.balance) for line in november.bag.lines] == [
        (LineKind.CLOSURE, 20, 70),
        (LineKind.HOUR_ISSUED, -60, 10),
    ]
    assert words.kind_words(november.bag.lines[0], t) == "Cerrado por implementación: más allá de las horas compradas"
    (hour,) = november.hours
    assert [minutes for _, minutes in hour.tickets] == [50, 10]
    assert words.invoice_words(hour, t) == "anulada"
    assert (december.purchased.opening, december.purchased.closing) == (0, 130)
    assert (december.bag.opening, december.bag.closing) == (10, 50)
    assert {words.who(line, t) for line in december.bag.lines} == {"El cliente"}


async def test_each_line_says_ticket_closing_and_who(ada):
    closure = await ada.close(Closure.INVOICED, 4)
    this_month = closure.at.astimezone(t.timezone)
    statement = await of(ada, f"{this_month:%Y-%m}")
    (line,) = statement.bag.lines
    said = (words.kind_words(line, t), words.about(line), words.who(line, t), words.signed(line.minutes))
    assert said == ("Cerrado y facturado", "#1001", "Tom", "+15")
    assert statement.purchased.opening is None, "it was registered in this month"
    assert statement.purchased.closing == 200


async def test_another_company_has_no_line_in_it(ada, desk):
    eve = await Accounts.opened(desk, purchased=None, ruc="1790012345001")
    closure = await ada.close(Closure.INVOICED, 90)
    statement = await of(eve, f"{closure.at.astimezone(t.timezone):%Y-%m}")
    assert (statement.purchased.closing, statement.bag.closing) == (None, 0)
    assert not (*statement.purchased.lines, *statement.bag.lines, *statement.hours)
