"""What Telegram itself says about the bot, noted for the alarms."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.overseer import MANY, Overseer
from core.clock import now
from core.db import Database
from core.models import Beat, Heartbeat
from core.queries import health
from core.queries.health import Watched
from core.queries.heartbeats import heartbeats
from core.rules.alarms import AlarmKind, troubles
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


async def kinds(database: Database) -> set[AlarmKind]:
    watched = Watched(Path(), started_at=now())
    async with database.read() as session:
        return {trouble.kind for trouble in troubles(await health.facts(session, watched, moment=now()), now())}


async def test_updates_that_stay_at_telegram_are_noticed_after_five_minutes(
    wire: Wire, overseer: Overseer, database: Database
):
    await overseer.look()
    assert (await beats(database))[Beat.TELEGRAM].detail == {"pending": 0, "since": None}
    for number in range(MANY):
        await wire.sim(f"/sim/chats/{ADA}/messages", {"text": f"hola {number}"})
    await overseer.look()
    since = (await beats(database))[Beat.TELEGRAM].detail["since"]
    assert now() - datetime.fromisoformat(since) < timedelta(minutes=1)
    assert await kinds(database) == set()
    wire.clock.shift(timedelta(minutes=5))
    await overseer.look()
    assert (await beats(database))[Beat.TELEGRAM].detail == {"pending": MANY, "since": since}
    assert await kinds(database) == {AlarmKind.UPDATES_PENDING}
    wire.clock.shift(timedelta(minutes=5))
    assert await kinds(database) == set(), "what was said long ago is no news"
    await wire.sim("/sim/updates", method="DELETE")
    await overseer.look()
    assert await kinds(database) == set()


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
    assert await kinds(database) == {AlarmKind.TOKEN_REFUSED}


async def test_a_telegram_that_does_not_answer_changes_nothing(wire: Wire, overseer: Overseer, database: Database):
    await wire.fails("500", method="getWebhookInfo", times=1)
    await overseer.look()
    assert await beats(database) == {}
