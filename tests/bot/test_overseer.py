"""What Telegram itself says about the bot, noted for the alarms."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.overseer import Overseer
from core.actions.heartbeats import note
from core.clock import now
from core.db import Database
from core.models import Beat, Heartbeat
from core.queries import health
from core.queries.health import Watched
from core.queries.heartbeats import heartbeats
from core.rules.alarms import AlarmKind, Level, troubles
from tests.messaging.wire import ADA, Wire

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
async def overseer(wire: Wire, database: Database) -> Overseer:
    await wire.sim("/sim/updates", method="DELETE")
    assert wire.bot is not None
    return Overseer(wire.bot, database)


async def beats(database: Database) -> Mapping[str, Heartbeat]:
    async with database.read() as session:
        return await heartbeats(session)


async def raised(database: Database) -> dict[AlarmKind, Level]:
    watched = Watched(Path(), started_at=now())
    async with database.read() as session:
        found = troubles(await health.facts(session, watched, moment=now()), now())
    return {trouble.kind: trouble.level for trouble in found}


async def minutes_pass(minutes: int, wire: Wire, overseer: Overseer, *, storing: bool = False, writes: int = 0):
    """The desk looks each minute; others' messages are stored meanwhile, and Ada writes some that wait."""
    for _ in range(minutes):
        wire.clock.shift(timedelta(minutes=1))
        for number in range(writes):
            await wire.sim(f"/sim/chats/{ADA}/messages", {"text": f"hola {number}"})
        if storing:
            async with wire.database.write() as session:
                await note(session, Beat.WEBHOOK)
        await overseer.look()


async def test_a_single_message_that_stays_at_telegram_is_noticed_after_five_minutes(
    wire: Wire, overseer: Overseer, database: Database
):
    await overseer.look()
    assert (await beats(database))[Beat.TELEGRAM].detail == {"pending": 0, "since": None}
    await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "hola"})
    await overseer.look()
    since = (await beats(database))[Beat.TELEGRAM].detail["since"]
    assert now() - datetime.fromisoformat(since) < timedelta(minutes=1)
    await minutes_pass(4, wire, overseer)
    assert await raised(database) == {}
    await minutes_pass(1, wire, overseer)
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.WARNING}
    await minutes_pass(55, wire, overseer)
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.GRAVE}
    wire.clock.shift(timedelta(minutes=5))
    assert await raised(database) == {}, "what was said long ago is no news"
    await overseer.look()
    assert await raised(database) == {}, "nobody looked meanwhile: it counts from now"
    await minutes_pass(5, wire, overseer)
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.WARNING}
    await wire.sim("/sim/updates", method="DELETE")
    await overseer.look()
    assert await raised(database) == {}


async def test_a_desk_that_starts_again_goes_on_counting(wire: Wire, overseer: Overseer, database: Database):
    await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "hola"})
    await overseer.look()
    for _ in range(5):
        assert wire.bot is not None
        await minutes_pass(1, wire, Overseer(wire.bot, database))
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.WARNING}


async def test_a_rush_that_is_being_worked_off_is_no_alarm(wire: Wire, overseer: Overseer, database: Database):
    await minutes_pass(10, wire, overseer, storing=True, writes=10)
    assert (await beats(database))[Beat.TELEGRAM].detail["pending"] == 100
    assert await raised(database) == {}
    await minutes_pass(6, wire, overseer)
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.WARNING}, "nothing comes in any more"


async def test_a_chat_whose_messages_cannot_be_brought_is_noticed_beside_others(
    wire: Wire, overseer: Overseer, database: Database
):
    """A proxy in between refuses what Ada sends, and nothing else."""
    await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "hola"})
    assert wire.bot is not None
    for _ in range(6):
        # set anew, Telegram tries at once
        await wire.bot.do_api_request("setWebhook", api_kwargs={"url": "http://127.0.0.1:9/away"})
        await wire.wait_for(lambda: has_failed(wire))
        await minutes_pass(1, wire, overseer, storing=True)
    assert await raised(database) == {AlarmKind.UPDATES_PENDING: Level.WARNING}


async def has_failed(wire: Wire) -> bool:
    assert wire.bot is not None
    info = await wire.bot.do_api_request("getWebhookInfo")
    return isinstance(info, dict) and bool(info.get("last_error_date"))


async def test_with_a_webhook_this_is_what_says_that_telegram_answers(
    wire: Wire, overseer: Overseer, database: Database
):
    await overseer.look()
    watched = Watched(Path(), is_polling=False)
    async with database.read() as session:
        facts = await health.facts(session, watched, moment=now())
        polling = await health.facts(session, Watched(Path()), moment=now())
    assert facts.polled_at is not None
    assert polling.polled_at is None


async def test_a_token_that_is_refused_is_noted_without_a_poller_too(
    wire: Wire, overseer: Overseer, database: Database
):
    await wire.fails("401", method="getWebhookInfo", times=1)
    await overseer.look()
    assert await raised(database) == {AlarmKind.TOKEN_REFUSED: Level.GRAVE}


async def test_a_telegram_that_does_not_answer_changes_nothing(wire: Wire, overseer: Overseer, database: Database):
    await wire.fails("500", method="getWebhookInfo", times=1)
    await overseer.look()
    assert await beats(database) == {}
