"""Mailboxes do not wait for each other, and chats for no mail."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from core.actions import closing, codes, hours
from core.messaging import outbox
from core.messaging.email import CONNECTIONS, EmailChannel
from core.messaging.sender import LOOK
from core.models import Binding, Channel, CompanyEmail, DeliveryState, OutboxRow, Technician, Urgency
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.wake import Topic
from tests.messaging.post_office import PostOffice, open_office
from tests.messaging.test_fallback import Office, office
from tests.messaging.wire import ADA, Wire

__all__ = ["office"]

FULL, OTHER = "pagos@ada.example", "gerencia@ada.example"


@pytest.fixture
async def post(wire: Wire) -> AsyncIterator[PostOffice]:
    """The mail server; one mailbox takes nothing for now."""
    post = PostOffice(answers={FULL: "450 4.2.2 Mailbox full"})
    server = await open_office(post)
    drawn = await wire.store.put(b"%PDF-1.7 informe")

    async def report(report_id: int) -> str:
        return drawn.sha256

    url = f"smtp://127.0.0.1:{post.port}"
    wire.channels[Channel.EMAIL] = EmailChannel(url, "soporte@saci.example", wire.store, report_sha256=report)
    yield post
    if post.opens is not None:
        post.opens.set()
    await wire.stop()
    server.close()
    await server.wait_closed()


async def closes(office: Office) -> None:
    async with office.database.write() as session:
        ticket = await by_number(session, office.ticket.number, lock=True)
        tom = await session.get_one(Technician, office.tom.id)
        request = ClosureRequest(Closure.INVOICED, "Impresora apagada", "Se encendió", 4)
        await closing.close(session, tom, ticket, request, office=office.office)
    async with office.database.write() as session:  # nobody draws reports here
        await session.execute(update(OutboxRow).values(report_id=None))


def subjects(post: PostOffice, mailbox: str) -> list[str]:
    arrived = zip(post.envelopes, post.mails, strict=True)
    return [mail["Subject"] for envelope, mail in arrived if envelope.rcpt_tos == [mailbox]]


async def test_a_full_mailbox_holds_up_no_other_and_gets_its_own_in_order(
    office: Office, wire: Wire, post: PostOffice
):
    await wire.fails("403", method="send*")
    await office.replies("Ya lo vemos.")
    wire.start()
    await wire.wait_for(lambda: arrive(post, OTHER, 1))
    await wire.stop()
    await closes(office)
    wire.start()
    await wire.wait_for(lambda: arrive(post, OTHER, 2))
    both = subjects(post, OTHER)
    assert ("Novedades" in both[0], "Cerrado" in both[1]) == (True, True)
    assert subjects(post, FULL) == []
    post.answers.clear()
    await wire.wait_for(lambda: arrive(post, FULL, 2), hours_fly=True)
    assert subjects(post, FULL) == both


async def arrive(post: PostOffice, mailbox: str, number: int) -> bool:
    return len(subjects(post, mailbox)) >= number


async def test_a_code_and_what_is_told_of_hours_reach_the_mailbox_that_takes_mail(
    office: Office, wire: Wire, post: PostOffice
):
    async with office.database.write() as session:
        query = select(Binding).options(joinedload(Binding.company), joinedload(Binding.person))
        binding = (await session.scalars(query.order_by(Binding.id))).first()
        assert binding is not None
        for address in await session.scalars(select(CompanyEmail).order_by(CompanyEmail.id)):
            assert await codes.send_mail(session, binding, address.id, office=office.office)
        await hours.tell_if_low(session, binding.company_id, before=60, after=0, office=office.office)
    wire.start()
    await wire.wait_for(lambda: arrive(post, OTHER, 2))
    assert subjects(post, FULL) == []


# --- a crowd of mails -------------------------------------------------------------------------------


async def crowd(wire: Wire, number: int) -> None:
    """Mails to as many mailboxes, as they wait when the mail server was away."""
    async with wire.database.write() as session:
        for n in range(number):
            payload = {"to": [f"{n}@ada.example"], "subject": "Novedades", "text": "Ya lo vemos."}
            details = outbox.Details(channel=Channel.EMAIL, urgency=Urgency.NEWS)
            outbox.post(session, f"mail-{n}", "mail", payload, **details)


async def states(wire: Wire) -> Counter[DeliveryState]:
    async with wire.database.read() as session:
        return Counter(await session.scalars(select(OutboxRow.state).where(OutboxRow.channel == Channel.EMAIL)))


async def test_no_more_mails_are_under_way_than_the_server_is_handed_at_once(wire: Wire, post: PostOffice):
    post.opens = asyncio.Event()
    await crowd(wire, 70)
    wire.start()

    async def are_at_the_door() -> bool:
        return post.commands.count("DATA") == CONNECTIONS

    await wire.wait_for(are_at_the_door)
    row = await wire.put(ADA, "¿En qué le ayudamos?")
    await wire.until(row, "sent")
    assert await states(wire) == {"sending": CONNECTIONS, "queued": 70 - CONNECTIONS}
    post.opens.set()

    async def have_arrived() -> bool:
        there = await states(wire)
        assert there[DeliveryState.SENDING] <= CONNECTIONS
        return there == {"sent": 70}

    await wire.wait_for(have_arrived)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_news_for_a_chat_does_not_stand_behind_a_crowd_of_mails(wire: Wire, post: PostOffice):
    await crowd(wire, LOOK + 50)
    row = await wire.put(ADA, "Ya lo vemos.", urgency=Urgency.NEWS)
    await wire.database.wake.wait(Topic.OUTBOX, seconds=0)  # nothing but the mails that come back is heard
    wire.start()
    push = await wire.until(row, "sent")
    async with wire.database.read() as session:
        before = await session.scalar(select(func.count()).where(OutboxRow.sent_at < push.sent_at))
    assert before is not None
    assert before < 3 * CONNECTIONS
