"""Two technicians at one ticket: each sees the other, and no answer goes out over one that was not read."""

from datetime import timedelta

import pytest
import time_machine

from core.clock import now
from core.rules.permissions import Role


@pytest.fixture
async def ticket(desk):
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


async def beats(browser, ticket, **fields: str) -> int:
    """As the page does every twenty seconds."""
    data = {"csrf": browser.form("/note").fields["csrf"], **fields}
    address = f"/tickets/{ticket.number}/presence"
    return (await browser.client.post(address, data=data, headers={"Origin": browser.origin})).status_code


async def test_colleagues_are_seen_until_they_leave_or_fall_silent(desk, log_in, ticket):
    tom, luis, berta = await log_in("tom"), await log_in("luis"), await log_in("berta", Role.BILLING)
    for one in (tom, luis, berta):
        await one.opens(f"/tickets/{ticket.number}")
    assert await beats(luis, ticket, writing="1") == 204
    assert await beats(berta, ticket, writing="1") == 204
    await tom.opens(f"/tickets/{ticket.number}")
    assert "Luis está respondiendo" in tom.text
    assert "Berta está viendo este ticket" in tom.text
    await luis.opens(f"/tickets/{ticket.number}")
    assert "Luis está" not in luis.text

    await beats(berta, ticket, gone="1")
    await tom.opens(f"/tickets/{ticket.number}")
    assert "Berta está" not in tom.text
    with time_machine.travel(now() + timedelta(seconds=50)):
        await tom.opens(f"/tickets/{ticket.number}")
        assert "Luis está" not in tom.text


async def test_an_answer_over_one_that_was_not_read_comes_back_with_it(desk, log_in, ticket):
    tom, luis = await log_in("tom"), await log_in("luis")
    await tom.opens(f"/tickets/{ticket.number}")
    await luis.opens(f"/tickets/{ticket.number}")
    await luis.sends("/reply", text="Ya lo estoy viendo.")
    await tom.sends("/reply", text="Buenos días", files=[("foto.txt", b"x", "text/plain")])

    assert tom.status == 409
    assert "Llegó algo mientras usted escribía." in tom.text
    assert "Desde que usted abrió la página Luis" in tom.text
    assert "Enviar de todos modos" in tom.text
    assert tom.form("/reply").fields["text"] == "Buenos días"
    assert len(await desk.articles(ticket)) == 2

    await tom.sends("/reply")
    assert [article.text for article in await desk.articles(ticket)][1:] == ["Ya lo estoy viendo.", "Buenos días"]
    assert "foto.txt" in tom.text
    await tom.sends("/reply", text="Y otra cosa")
    assert tom.status == 200
