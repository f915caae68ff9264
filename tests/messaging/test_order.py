"""What goes first, what waits for what, and what never goes."""

import pytest
from sqlalchemy import update

from core.actions import companies
from core.clock import now
from core.db import Database
from core.messaging import deliveries, outbox
from core.models import Channel, DeliveryState, OutboxRow, Ticket
from core.rules.services import Service
from core.rules.states import State
from tests.faults.delivery_checks import REPEATED
from tests.messaging.wire import ADA, BRUNO, CARLA, Wire, words


async def test_each_chat_reads_in_order_whatever_goes_wrong(wire: Wire):
    """Refusals, errors and answers that never come, at random: late, twice at most, but never out of order."""
    await wire.sim("/sim/seed", {"seed": 5})
    await wire.fails("429", retry_after=2, probability=0.1)
    await wire.fails("500", probability=0.1)
    await wire.fails("drop_after", probability=0.1)
    chats = (ADA, BRUNO, CARLA)
    rows = [await wire.put(chat, f"{number:02}") for number in range(12) for chat in chats]
    wire.start()
    for row in rows:
        await wire.wait_for(lambda row=row: is_over(wire, row), hours_fly=True)
    uncertain = {row for row in rows if (await wire.row(row)).state == "uncertain"}
    for chat in chats:
        firsts = list(dict.fromkeys(text[:2] for text in await wire.reads(chat)))
        assert firsts == sorted(firsts)
        assert len(firsts) >= 12 - len(uncertain)
        assert all(text.count(REPEATED) <= 1 for text in await wire.reads(chat))
    copies = [(entry["chat_id"], entry["params"]["text"][:2]) for entry in await wire.calls() if entry["took_effect"]]
    assert max(map(copies.count, copies)) <= 2


async def is_over(wire: Wire, row: int) -> bool:
    return (await wire.row(row)).state in {"sent", "uncertain"}


async def test_an_edit_of_what_is_still_queued_is_the_message(wire: Wire):
    row = await wire.put(ADA, "borrador")
    await wire.edit(row, "final")
    wire.start()
    await wire.until(row, "sent")
    assert words(await wire.calls("sendMessage", "editMessageText")) == ["final"]


async def test_of_many_edits_only_the_last_is_sent(wire: Wire):
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.until(row, "sent")
    await wire.stop()
    for text in ("dos", "tres", "cuatro"):
        await wire.edit(row, text)
    wire.start()
    await wire.until(row + 1, "sent")
    assert words(await wire.calls("editMessageText")) == ["cuatro"]
    assert await wire.reads(ADA) == ["cuatro"]


async def test_an_edit_waits_for_its_message(wire: Wire):
    await wire.fails("429", retry_after=5, times=1)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    await wire.edit(row, "dos")
    await wire.until(row + 1, "sent", hours_fly=True)
    assert [entry["method"] for entry in await wire.calls("sendMessage", "editMessageText")] == [
        "sendMessage",
        "sendMessage",
        "editMessageText",
    ]
    assert await wire.reads(ADA) == ["dos"]


async def is_tried(wire: Wire, row: int) -> bool:
    tried = await wire.row(row)
    return tried.attempts == 1 and tried.state == "queued"


async def test_an_edit_of_a_message_in_doubt_comes_as_a_new_one(wire: Wire):
    """The acknowledgement of what somebody did with a card must not die with the card."""
    await wire.fails("500", times=2)
    row = await wire.put(ADA, "¿a qué ticket?")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    await wire.edit(row, "Anotado en #1042")
    await wire.until(row, "uncertain", hours_fly=True)
    await wire.until(row + 1, "sent", hours_fly=True)
    assert await wire.reads(ADA) == ["Anotado en #1042"]


async def test_an_edit_of_a_message_its_chat_refused_is_cancelled(wire: Wire):
    await wire.fails("429", retry_after=5, times=1)
    await wire.fails("403", times=1)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    await wire.edit(row, "dos")
    await wire.until(row, "parked", hours_fly=True)
    assert (await wire.row(row + 1)).state == "cancelled"


async def test_a_wait_of_hours_is_minded_after_a_restart_too(wire: Wire):
    await wire.fails("429", retry_after=7200, times=1)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    await wire.stop()
    wire.start()
    wire.later(60)
    await wire.until(await wire.put(BRUNO, "dos"), "sent", hours_fly=True)
    assert len(await wire.calls(chat=ADA)) == 1
    wire.later(7200)
    await wire.until(row, "sent")


async def test_a_message_retracted_between_two_tries_never_rings(wire: Wire):
    await wire.fails("429", retry_after=60, times=1)
    row = await wire.put(ADA, "La clave es 4711")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    async with wire.database.write() as session:
        await outbox.retract(session, row)
    await wire.until(await wire.put(ADA, "Reinicie."), "sent", hours_fly=True)
    assert (await wire.row(row)).state == "cancelled"
    assert await wire.reads(ADA) == ["Reinicie."]


async def test_a_message_retracted_after_a_doubt_rings_no_second_time(wire: Wire):
    await wire.fails("drop_after", times=1)
    row = await wire.put(ADA, "La clave es 4711")
    wire.start()
    await wire.wait_for(lambda: is_tried(wire, row))
    async with wire.database.write() as session:
        await outbox.retract(session, row)
    await wire.until(await wire.put(ADA, "Reinicie."), "sent", hours_fly=True)
    assert words(await wire.calls()) == ["La clave es 4711", "Reinicie."]


async def test_a_message_retracted_on_its_way_is_not_tried_again_after_a_start(wire: Wire):
    row = await wire.put(ADA, "La clave es 4711")
    async with wire.database.write() as session:
        await deliveries.claim(session, [row], now=now())  # … and the sender dies
        await outbox.retract(session, row)
    wire.start()
    await wire.until(await wire.put(ADA, "Reinicie."), "sent", hours_fly=True)
    assert [(await wire.row(one)).state for one in (row, row + 1)] == ["cancelled", "cancelled"]
    assert words(await wire.calls()) == ["Reinicie."]


async def test_words_for_a_message_that_was_cancelled_stay_unsaid(wire: Wire):
    row = await wire.put(ADA, "¿a qué ticket?")
    async with wire.database.write() as session:
        await outbox.retract(session, row)
    await wire.edit(row, "Anotado en #1042")
    wire.start()
    await wire.until(await wire.put(ADA, "Reinicie."), "sent")
    assert await wire.reads(ADA) == ["Reinicie."]


async def test_words_for_a_message_that_never_came_to_be_come_as_a_new_one(wire: Wire):
    """The acknowledgement of a tap on a card that was in doubt must not wait for ever."""
    await wire.fails("drop_after", times=2)
    row = await wire.put(ADA, "¿a qué ticket?")
    wire.start()
    await wire.until(row, "uncertain", hours_fly=True)
    await wire.edit(row, "Anotado en #1042")
    await wire.until(row + 1, "sent", hours_fly=True)
    assert (await wire.reads(ADA))[-1] == "Anotado en #1042"


async def test_a_retracted_message_is_never_seen_or_taken_away(wire: Wire):
    unsent = await wire.put(ADA, "uno")
    async with wire.database.write() as session:
        await outbox.retract(session, unsent)
    sent = await wire.put(ADA, "dos")
    wire.start()
    await wire.until(sent, "sent")
    async with wire.database.write() as session:
        await outbox.retract(session, sent)
        await outbox.edit(session, sent, {"text": "tres"})
    await wire.until(sent + 2, "sent")
    assert await wire.reads(ADA) == []
    assert words(await wire.calls()) == ["dos"]


async def test_answers_to_taps_and_deletions_overtake_messages(wire: Wire):
    wire.limits = {"per_second": 1000.0, "per_chat": 0.1, "burst": 1}
    said = await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "mi clave"})
    rows = [await wire.put(ADA, text) for text in ("uno", "dos")]
    delete = await wire.put(ADA, "", method="deleteMessage", payload={"message_id": said["message_id"]})
    answer = await wire.put(ADA, "", method="answerCallbackQuery", payload={"callback_query_id": "1"})
    wire.start()
    await wire.until(delete, "sent")
    await wire.until(answer, "sent")
    assert (await wire.row(rows[1])).state == "queued"


async def test_an_answer_to_a_tap_is_dropped_after_ten_seconds(wire: Wire):
    row = await wire.put(ADA, "", method="answerCallbackQuery", payload={"callback_query_id": "1"})
    wire.clock.shift(10.5)
    wire.start()
    await wire.until(row, "cancelled")
    assert await wire.calls("answerCallbackQuery") == []


async def test_repeatable_calls_are_repeated_without_end_and_never_count_a_doubt(wire: Wire):
    await wire.fails("500", method="editMessageText", times=5)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.until(row, "sent")
    await wire.edit(row, "dos")
    edited = await wire.until(row + 1, "sent", hours_fly=True)
    assert (edited.doubts, edited.attempts) == (0, 6)
    assert await wire.reads(ADA) == ["dos"]


async def test_of_two_quick_taps_on_a_list_the_last_page_stays(wire: Wire):
    row = await wire.put(ADA, "página 1")
    wire.start()
    await wire.until(row, "sent")
    await wire.fails("429", method="editMessageText", retry_after=3, times=1)
    shown = {"message_id": int((await wire.row(row)).provider_id or 0)}
    await wire.put(ADA, "página 2", method="editMessageText", payload=shown)
    last = await wire.put(ADA, "página 3", method="editMessageText", payload=shown)
    await wire.until(last, "sent", hours_fly=True)
    await wire.until(last - 1, "sent", hours_fly=True)
    assert await wire.reads(ADA) == ["página 3"]


async def a_ticket(database: Database, number: int) -> Ticket:
    moment = now()
    async with database.write() as session:
        company = await companies.register(
            session, None, ruc="0992345678001", name="Andina", emails=(), phones=(), purchased_minutes=None
        )
        ticket = Ticket(
            number=number,
            company_id=company.id,
            is_verified=True,
            service=Service.SUPPORT,
            product="SaciJava",
            subject="x",
            state=State.OPEN,
            customer_spoke_last=False,
            created_at=moment,
            reopened_at=moment,
            updated_at=moment,
        )
        session.add(ticket)
        await session.flush()
        return ticket


async def test_a_log_out_cancels_what_waits_and_what_is_under_way_gets_no_second_try(wire: Wire):
    ticket = await a_ticket(wire.database, 1042)
    about = outbox.Subject(ticket_id=ticket.id)
    await wire.fails("hang_before", seconds=0.3, times=1)
    flying = await wire.put(ADA, "uno", about=about)
    waiting = await wire.put(ADA, "dos", about=about)
    wire.start()
    await wire.until(flying, "sending")
    await wire.edit(flying, "uno y medio")
    async with wire.database.write() as session:
        await outbox.cancel_lane(session, ADA, company_id=ticket.company_id)
    last = await wire.put(ADA, "Salió de este chat.")
    await wire.until(last, "sent", hours_fly=True)
    await wire.wait_for(lambda: wire.is_doubted(flying))
    wire.later(60)
    await wire.until(await wire.put(BRUNO, "hola"), "sent", hours_fly=True)
    assert [(await wire.row(row)).state for row in (flying, waiting, waiting + 1)] == ["cancelled"] * 3
    assert words(await wire.calls(chat=ADA)) == ["uno", "Salió de este chat."]


@pytest.mark.parametrize("leaves_first", [True, False])
@pytest.mark.parametrize("has_arrived", [True, False])
async def test_what_was_retracted_on_its_way_goes_although_its_reader_left(
    wire: Wire, has_arrived: bool, leaves_first: bool
):
    ticket = await a_ticket(wire.database, 1042)
    row = await wire.put(ADA, "La clave es 4711", about=outbox.Subject(ticket_id=ticket.id))
    wire.start()
    sent = await wire.until(row, "sent")
    await wire.stop()
    await wire.leave_sending(row, doubts=0)
    async with wire.database.write() as session:
        await session.execute(update(OutboxRow).values(provider_id=None))
        if leaves_first:
            await outbox.cancel_lane(session, ADA, company_id=ticket.company_id)
        await outbox.retract(session, row)
        if not leaves_first:
            await outbox.cancel_lane(session, ADA, company_id=ticket.company_id)
        if has_arrived:
            back = {"state": DeliveryState.SENT, "provider_id": sent.provider_id}
            await session.execute(update(OutboxRow).where(OutboxRow.id == row).values(back))
    wire.start()
    await wire.until(row + 1, "sent" if has_arrived else "cancelled")
    assert await wire.reads(ADA) == ([] if has_arrived else ["La clave es 4711"])


async def test_mail_without_a_mail_server_is_held_and_shown_whenever_it_comes(wire: Wire):
    wire.start()
    await wire.until(await wire.put(ADA, "uno"), "sent")
    mail = await wire.put(0, "", channel=Channel.EMAIL, method="mail")
    await wire.until(mail, "held")
