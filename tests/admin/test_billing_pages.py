"""Billing of a desk with many companies: a page at a time, what is to be invoiced first, found by name or RUC."""

import pytest

from core.actions import companies
from core.actions.companies import NewCompany
from core.clock import now
from core.models import Company, TechnicalHour, TechnicalHourPart, TicketClosure
from core.queries import billing
from core.rules.permissions import Role

MANY = 120


@pytest.fixture
async def many(desk, log_in) -> list[str]:
    """Companies with purchased hours, in the order of their names; the last two have hours to invoice."""
    new = [NewCompany(f"17{n:08}001", f"Comercial número {n:03} {'Ñ' * 60}", (), (), 60) for n in range(MANY)]
    async with desk.database.write() as session:
        made = await companies.add(session, None, new)
        session.add(Company(ruc="0990000000001", name="Sin movimiento", created_at=now()))
        for company in made[-2:]:
            session.add(TechnicalHour(company_id=company.id, number=1, issued_at=now()))
    return [one.ruc for one in new]


async def listed(desk, text: str = "", size: int = 50) -> list[str]:
    """The RUCs of all pages, one after the other."""
    found, after = [], ""
    async with desk.database.read() as session:
        while True:
            lines, after = await billing.accounts(session, text, after=after, size=size)
            found += [line.company.ruc for line in lines]
            assert len(lines) <= size
            assert len(found) <= MANY, "no page comes twice"
            if not after:
                return found


@pytest.mark.parametrize("size", [1, 2, 7, MANY])
async def test_every_account_stands_on_one_page_those_to_invoice_first(desk, many, size):
    assert await listed(desk, size=size) == [*many[-2:], *many[:-2]]


async def test_accounts_are_paged_and_found_by_name_and_ruc(desk, log_in, many):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens("/billing")
    first = berta.answer.text.partition('id="accounts-title"')[2]
    assert many[-1] in first
    assert many[22] in first
    assert many[23] not in first
    (following,) = {link for link in berta.page.links if "after=" in link}
    await berta.opens(following)
    assert many[23] in berta.answer.text
    assert many[-1] not in berta.answer.text.partition('id="accounts-title"')[2]
    await berta.opens("/billing?q=NUMERO+007")
    table = berta.answer.text.partition('id="accounts-title"')[2]
    assert (many[7] in table, many[8] in table) == (True, False)
    await berta.opens(f"/billing?q={many[8]}&invoiced=1")
    table = berta.answer.text.partition('id="accounts-title"')[2]
    assert (many[7] in table, many[8] in table) == (False, True)
    await berta.opens("/billing?q=nadie")
    assert "Ninguna empresa" in berta.text
    for nonsense in ("x", "1-", "2-0000000000000", "9-" + many[0], "%00"):
        await berta.opens(f"/billing?after={nonsense}")
        assert berta.status in {200, 404}


async def test_what_stands_of_an_account_is_its_own(desk, many):
    async with desk.database.read() as session:
        lines, _ = await billing.accounts(session)
    assert [(line.ready, line.balances.purchased, line.balances.bag) for line in lines] == [
        (1, 60, 0),
        (1, 60, 0),
        *[(0, 60, 0)] * 23,
    ]


async def test_the_page_stays_small_however_many_there_are(desk, log_in, many):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    sofia = await log_in("sofia", Role.ADMINISTRATOR)
    await sofia.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/closure", closure="invoiced", cause="Error", solution="Hecho", minutes="30")
    (closure,) = await desk.all_of(TicketClosure)
    async with desk.database.write() as session:
        (last,) = [one for one in await desk.all_of(Company) if one.ruc == many[0]]
        hours = [TechnicalHour(company_id=last.id, number=number, issued_at=now()) for number in range(60)]
        session.add_all(hours)
        await session.flush()
        session.add_all(TechnicalHourPart(technical_hour_id=h.id, closure_id=closure.id, minutes=60) for h in hours)
    await sofia.opens("/billing")
    assert "(60 min)" in sofia.text
    assert len(sofia.answer.content) < 100_000
