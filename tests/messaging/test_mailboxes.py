"""A company's mailboxes do not wait for each other."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.actions import closing, codes, hours
from core.messaging.email import EmailChannel
from core.models import Binding, Channel, CompanyEmail, OutboxRow, Technician
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from tests.messaging.post_office import PostOffice, open_office
from tests.messaging.test_fallback import Office, office
from tests.messaging.wire import Wire

__all__ = ["office"]

FULL, OTHER = "pagos@ada.example", "gerencia@ada.example"


@pytest.fixture
async def post(office: Office, wire: Wire) -> AsyncIterator[PostOffice]:
    """The mail server of the office; one mailbox takes nothing for now."""
    post = PostOffice(answers={FULL: "450 4.2.2 Mailbox full"})
    server = await open_office(post)
    drawn = await wire.store.put(b"%PDF-1.7 informe")

    async def report(report_id: int) -> str:
        return drawn.sha256

    url = f"smtp://127.0.0.1:{post.port}"
    wire.channels[Channel.EMAIL] = EmailChannel(url, "soporte@saci.example", wire.store, report_sha256=report)
    yield post
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
