"""What a program is told, once and in order, whatever its server does in between."""

from datetime import timedelta

import pytest

from core.actions import subscriptions, tickets
from core.clock import now
from core.models import AuditEntry, DeliveryState
from core.queries import health
from core.queries.health import Watched
from core.queries.subscriptions import by_id
from core.queries.tickets import by_number
from core.rules.alarms import AlarmKind, troubles
from core.rules.webhooks import Happening
from tests.webhooks.receiver import hangs_up


async def a_ticket(line) -> int:
    company = await line.desk.registers()
    return (await line.desk.receives(company, await line.desk.greets(company))).number


async def replies(line, number: int, text: str = "¿Está encendida?", *, note: bool = False) -> None:
    async with line.database.write() as session:
        root, ticket = await line.root(session), await by_number(session, number, lock=True)
        if note:
            await tickets.note(session, root, ticket, text=text)
        else:
            await tickets.reply(session, root, ticket, text=text, office=line.desk.office)


async def test_a_program_is_told_with_a_signature_and_in_order(line, program):
    subscription, secret = await line.subscribes(program.url)
    number = await a_ticket(line)
    await replies(line, number)
    await replies(line, number, "Solo para nosotros", note=True)
    await replies(line, number, "Ya está.")
    line.start()
    await line.settles(subscription, *["sent"] * 3)
    assert program.events() == ["article.added", "ticket.state_changed", "article.added"]
    first, moved, last = program.calls
    assert all(call.is_signed_with(secret) for call in program.calls)
    assert not first.is_signed_with("another")
    assert first.json["article"]["text"] == "¿Está encendida?"
    assert (first.json["event"], first.json["ticket"]["number"]) == ("article.added", number)
    assert (moved.json["before"], moved.json["after"]) == ("new", "open")
    assert last.json["article"]["text"] == "Ya está."
    assert len({call.delivery for call in program.calls}) == 3
    assert b"Solo para nosotros" not in b"".join(call.body for call in program.calls)


async def test_a_program_is_told_only_of_what_it_asked_for(line, program):
    subscription, _ = await line.subscribes(program.url, Happening.STATE_CHANGED)
    await replies(line, await a_ticket(line))
    assert [row.payload["event"] for row in await line.rows(subscription)] == ["ticket.state_changed"]


async def test_errors_and_hung_up_lines_are_tried_again_with_the_same_id_and_nothing_overtakes(line, program):
    subscription, secret = await line.subscribes(program.url, Happening.ARTICLE_ADDED)
    program.answers = [500, hangs_up, 429, 302, 204]
    number = await a_ticket(line)
    await replies(line, number, "uno")
    await replies(line, number, "dos")
    line.start()
    await line.settles(subscription, "sent", "sent", hours_fly=True)
    said = [call.json["article"]["text"] for call in program.calls]
    assert said == ["uno"] * 5 + ["dos"]
    assert len({call.delivery for call in program.calls[:5]}) == 1
    assert {call.path for call in program.calls} == {"/ventanilla"}  # a redirect is not followed
    assert all(call.is_signed_with(secret) for call in program.calls)


async def test_what_is_not_wanted_is_given_up_and_the_next_goes(line, program):
    subscription, _ = await line.subscribes(program.url, Happening.ARTICLE_ADDED)
    program.answers = [422, 422]
    number = await a_ticket(line)
    await replies(line, number, "uno")
    await replies(line, number, "dos")
    line.start()
    await line.settles(subscription, "dead", "sent", hours_fly=True)
    failed, _ = await line.rows(subscription)
    assert failed.error == "HTTP 422"


async def test_a_program_that_takes_nothing_for_days_is_turned_off_with_an_alarm_and_keeps_what_waits(line, program):
    subscription, _ = await line.subscribes(program.url, Happening.ARTICLE_ADDED)
    program.answers = [500] * 1000
    await replies(line, await a_ticket(line))
    line.start()
    await line.until(lambda: tried(line, subscription))
    line.clock.shift(timedelta(hours=2))
    assert AlarmKind.WEBHOOK_FAILING in await alarms(line)
    async with line.database.write() as session:
        await subscriptions.turn_off_failing(session)
    assert (await line.stands(subscription)).state == "active"
    line.clock.shift(timedelta(days=3))
    async with line.database.write() as session:
        await subscriptions.turn_off_failing(session)
    assert (await line.stands(subscription)).state == "failed"
    await line.settles(subscription, "parked")
    assert await alarms(line) & {AlarmKind.WEBHOOK_FAILING, AlarmKind.WEBHOOK_OFF} == {AlarmKind.WEBHOOK_OFF}

    program.answers = []
    await line.does(subscriptions.resume, subscription)
    await line.settles(subscription, "sent")
    assert AlarmKind.WEBHOOK_OFF not in await alarms(line)
    actions = [entry.action for entry in await line.desk.all_of(AuditEntry) if "webhook" in entry.action]
    assert actions == ["webhook.added", "webhook.turned_off", "webhook.resumed"]


async def tried(line, subscription) -> bool:
    (row,) = await line.rows(subscription)
    return row.attempts > 0 and row.state is DeliveryState.QUEUED


async def alarms(line) -> set[AlarmKind]:
    watched = Watched(line.folder)
    async with line.database.read() as session:
        facts = await health.facts(session, watched, moment=now())
    return {trouble.kind for trouble in troubles(facts, now())}


async def test_a_pause_holds_what_waits_and_a_removal_drops_it(line, program):
    subscription, _ = await line.subscribes(program.url, Happening.ARTICLE_ADDED)
    number = await a_ticket(line)
    await replies(line, number, "uno")
    await line.does(subscriptions.pause, subscription)
    await replies(line, number, "en la pausa")
    line.start()
    assert await line.states(subscription) == ["parked"]
    await line.does(subscriptions.resume, subscription)
    await line.settles(subscription, "sent")
    await line.stop()
    await replies(line, number, "dos")
    await line.does(subscriptions.remove, subscription)
    assert await line.states(subscription) == ["sent", "cancelled"]
    assert (await line.stands(subscription)).secret is None
    assert len(program.calls) == 1


@pytest.mark.parametrize("host", ["0x7f000001", "127.0.0.1"])
async def test_a_name_that_leads_inside_is_never_called(line, program, host: str):
    subscription, _ = await line.subscribes(program.url, Happening.ARTICLE_ADDED)
    async with line.database.write() as session:
        (await by_id(session, subscription.id)).url = f"https://{host}:{program.port}/"
    line.is_demonstration = False
    await replies(line, await a_ticket(line))
    line.start()
    await line.until(lambda: tried(line, subscription))
    (row,) = await line.rows(subscription)
    assert row.error == "not a public address"
    assert program.calls == []
