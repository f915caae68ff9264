"""What a technician writes and does not send is there again, on any machine, for nobody else."""

import asyncio

import httpx
import pytest
from sqlalchemy import select, update

from core.actions import reply_drafts, submissions, tickets
from core.clock import now
from core.models import ArticleKind, Composed, ReplyDraft, StaffSession, Technician
from core.queries.tickets import by_number
from core.rules.permissions import Role
from tests import databases


@pytest.fixture
async def ticket(desk):
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


async def keeps(browser, ticket, text: str, form: str = "reply") -> httpx.Response:
    """As the script does while somebody types."""
    fields = browser.form(f"/{form}").fields | {"form": form, "text": text}
    return await browser.client.post(
        f"/tickets/{ticket.number}/drafts", data=fields, headers={"Origin": browser.origin}
    )


async def test_a_draft_waits_for_its_technician_until_it_is_sent(desk, log_in, ticket):
    tom, elsewhere, sofia = await log_in("tom"), await log_in("tom"), await log_in("sofia")
    await tom.opens(f"/tickets/{ticket.number}")
    assert (await keeps(tom, ticket, "Buenos")).text.startswith("Borrador de ")
    await keeps(tom, ticket, "Buenos días, Ada")
    await keeps(tom, ticket, "Es la impresora", "note")

    for browser, expected in ((elsewhere, "Buenos días, Ada"), (sofia, "")):
        await browser.opens(f"/tickets/{ticket.number}")
        assert browser.form("/reply").fields["text"] == expected
        assert ("Borrador de " in browser.text) is bool(expected)
    assert elsewhere.form("/note").fields["text"] == "Es la impresora"

    await elsewhere.sends("/reply", text="Buenos días, Ada.")
    assert elsewhere.form("/reply").fields["text"] == ""
    assert [draft.text for draft in await desk.all_of(ReplyDraft)] == ["Es la impresora"]


async def test_a_draft_that_comes_after_its_form_was_sent_is_not_kept(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    page = tom.answer
    await tom.sends("/reply", text="Listo")
    tom.answer = page
    assert (await keeps(tom, ticket, "List")).text == ""
    assert await desk.all_of(ReplyDraft) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_draft_that_waits_for_its_own_sending_is_not_kept(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await keeps(tom, ticket, "List")
    submission = tom.form("/reply").fields["submission"]
    async with desk.database.write() as session:
        held = await by_number(session, ticket.number, lock=True)
        actor = (await session.scalars(select(Technician))).one()
        assert await submissions.is_first(session, actor, submission)
        await tickets.reply(session, actor, held, text="Listo", submission=submission, office=desk.office)
        await reply_drafts.discard(session, actor, held, form=Composed.REPLY)
        keeping = asyncio.ensure_future(keeps(tom, ticket, "Listo"))
        await databases.ends_or_waits(desk.database, keeping)
    assert (await keeping).text == ""
    assert await desk.all_of(ReplyDraft) == []


async def test_a_refused_form_and_an_ended_session_lose_nothing(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="x" * 20_001)
    assert tom.status == 422
    async with desk.database.write() as session:
        await session.execute(update(StaffSession).values(ended_at=now()))
    await tom.log_in("tom", next=f"/tickets/{ticket.number}")
    assert tom.form("/reply").fields["text"] == "x" * 20_000


async def test_an_unwanted_draft_is_discarded(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await keeps(tom, ticket, "Mejor no")
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/drafts/reply/discard")
    assert tom.form("/reply").fields["text"] == ""
    assert "Descartar borrador" not in tom.text
    assert await desk.all_of(ReplyDraft) == []
    assert [article.kind for article in await desk.articles(ticket)] == [ArticleKind.CUSTOMER]


async def test_who_may_not_answer_keeps_no_answer(log_in, ticket):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"/tickets/{ticket.number}")
    fields = berta.form("/note").fields | {"form": "reply", "text": "x"}
    answer = await berta.client.post(
        f"/tickets/{ticket.number}/drafts", data=fields, headers={"Origin": berta.origin}
    )
    assert answer.status_code == 403
