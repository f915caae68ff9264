"""From ticket to ticket along the queue one came from: by plain links, wherever an answer has put the ticket."""

import re
from datetime import timedelta

import pytest

from core.clock import now
from core.models import Ticket
from core.rules.permissions import Role
from core.rules.states import State


@pytest.fixture
async def waiting(desk, company, ada) -> list[int]:
    """Numbers of four tickets, who has waited longest first."""
    return [
        (await desk.receives(company, ada, f"Espera {hours}", at=now() - timedelta(hours=hours))).number
        for hours in (9, 8, 7, 6)
    ]


async def goes(browser, which: str) -> int | str:
    """Follow the link to the ``next`` or ``previous`` one; the number of the ticket it leads to, else the address."""
    link = re.search(rf'href="(/tickets/\d+/{which}\?[^"]*)"', browser.answer.text)
    await browser.opens(link[1].replace("&amp;", "&"))
    url = browser.answer.url
    return int(url.path.rpartition("/")[2]) if url.path.startswith("/tickets/") else str(url).rstrip("#")


async def test_the_next_ticket_is_the_one_below_and_the_previous_the_one_above(tom, waiting):
    await tom.opens(f"/tickets/{waiting[1]}")
    assert await goes(tom, "next") == waiting[2]
    assert await goes(tom, "next") == waiting[3]
    assert await goes(tom, "previous") == waiting[2]
    assert await goes(tom, "previous") == waiting[1]


async def test_who_has_answered_goes_on_from_where_the_ticket_stood(tom, waiting):
    await tom.opens(f"/tickets/{waiting[0]}")
    await tom.sends("/reply", text="Hola, Ada")
    assert tom.is_at(f"/tickets/{waiting[0]}")
    assert await goes(tom, "next") == waiting[1]
    await tom.sends("/reply", text="")
    assert tom.status == 422
    await tom.sends("/reply", text="Ahora sí")
    assert await goes(tom, "next") == waiting[2]
    await tom.sends("/closure", closure="warranty", cause="x", solution="x", minutes="3")
    assert await goes(tom, "next") == waiting[3]


async def test_behind_the_last_and_before_the_first_comes_the_queue_itself(tom, waiting):
    await tom.opens("/?state=new")
    assert f'href="/tickets/{waiting[3]}?state=new"' in tom.answer.text
    await tom.opens(f"/tickets/{waiting[3]}?state=new")
    assert await goes(tom, "next") == f"{tom.origin}/?state=new"
    await tom.opens(f"/tickets/{waiting[0]}")
    assert await goes(tom, "previous") == f"{tom.origin}/"


@pytest.mark.parametrize("order", ["", "latest", "oldest"])
async def test_the_filters_of_the_queue_hold_from_ticket_to_ticket(desk, tom, database, waiting, order):
    tom_row = await desk.employ("tom")
    mine = [waiting[0], waiting[2]] if order != "latest" else [waiting[2], waiting[0]]
    async with database.write() as session:
        for number in mine:
            ticket = await session.get_one(Ticket, (await desk.ticket(number)).id)
            ticket.assignee_id = tom_row.id
    await tom.opens(f"/?owner=mine&order={order}")
    assert re.findall(r'class="number"><a href="/tickets/(\d+)\?', tom.answer.text) == [str(one) for one in mine]
    link = re.search(rf'href="(/tickets/{mine[0]}\?[^"]*)"', tom.answer.text)[1].replace("&amp;", "&")
    await tom.opens(link)
    assert await goes(tom, "next") == mine[1]
    assert await goes(tom, "previous") == mine[0]
    assert await goes(tom, "next") == mine[1]
    await tom.sends("/note", text="Lo reviso")
    assert await goes(tom, "next") == f"{tom.origin}{link.replace(f'/tickets/{mine[0]}', '/')}"


async def test_the_order_goes_on_into_what_customers_owe(desk, tom, company, ada, waiting):
    for number in waiting[2:]:
        await tom.opens(f"/tickets/{number}")
        await tom.sends("/reply", text="Mándeme una captura")
    await tom.opens(f"/tickets/{waiting[1]}")
    assert await goes(tom, "next") == waiting[3], "what changed last comes first there"
    assert await goes(tom, "next") == waiting[2]
    assert await goes(tom, "previous") == waiting[3]
    assert await goes(tom, "previous") == waiting[1]


async def test_a_closed_ticket_nobody_came_to_from_a_list_stands_beside_nothing(desk, tom, company, ada):
    closed = await desk.receives(company, ada, state=State.WARRANTY)
    other = await desk.receives(company, ada, state=State.WARRANTY, at=now() - timedelta(hours=2))
    await tom.opens(f"/tickets/{closed.number}")
    assert f"/tickets/{closed.number}/next" not in tom.answer.text
    await tom.opens(f"/tickets/{closed.number}?state=closed")
    assert await goes(tom, "next") == other.number


@pytest.mark.parametrize(
    "query", ["?at=x", "?at=1-1-1", "?at=" + "9" * 30 + "-1", "?owner=%00&at=", "?q=x&after=1-1"]
)
async def test_a_place_nobody_gave_is_none(tom, waiting, query):
    await tom.opens(f"/tickets/{waiting[0]}{query}")
    assert tom.status == 200
    assert await goes(tom, "next") in waiting


async def test_an_auditor_goes_along_too_and_an_unknown_ticket_leads_nowhere(log_in, waiting):
    vera = await log_in("vera", Role.AUDITOR)
    await vera.opens(f"/tickets/{waiting[0]}")
    assert await goes(vera, "next") == waiting[1]
    await vera.opens("/tickets/999999/next")
    assert vera.status == 404
