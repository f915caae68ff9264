"""A file that the desk cannot read holds up its chat: it is tried without end, and not unseen."""

from datetime import timedelta
from pathlib import Path

from core.clock import now
from core.db import Database
from core.queries import health
from core.queries.health import Watched
from core.rules.alarms import AlarmKind, troubles
from tests.messaging.wire import ADA, BRUNO, Wire, words

SHA256 = "ab" * 32


async def is_alarm(database: Database) -> bool:
    async with database.read() as session:
        facts = await health.facts(session, Watched(Path(), started_at=now()), moment=now())
    return AlarmKind.OUTBOX_STUCK in {trouble.kind for trouble in troubles(facts, now())}


async def test_a_chat_held_up_by_a_file_that_cannot_be_read_is_an_alarm(wire: Wire, database: Database):
    wire.store.path(SHA256).mkdir(parents=True)  # a folder is as unreadable as what belongs to root
    document = {"document": {"sha256": SHA256, "name": "informe.pdf"}}
    row_id = await wire.put(ADA, "", method="sendDocument", payload=document)
    await wire.put(ADA, "¿Lo vio?")
    wire.start()
    began, tries = now(), 0

    async def is_tried_again() -> bool:
        return len(await wire.outcomes(row_id)) > tries

    while now() - began < timedelta(minutes=9):
        await wire.wait_for(is_tried_again, hours_fly=True)
        tries = len(await wire.outcomes(row_id))
    assert not await is_alarm(database)
    wire.later(120)
    await wire.wait_for(is_tried_again, hours_fly=True)
    assert await is_alarm(database)
    other = await wire.put(BRUNO, "hola")
    await wire.until(other, "sent", hours_fly=True)
    assert words(await wire.calls()) == ["hola"], "only that chat waits"

    wire.store.path(SHA256).rmdir()
    wire.store.path(SHA256).write_bytes(b"%PDF-1.7")
    await wire.until(row_id, "sent", hours_fly=True)
    assert not await is_alarm(database)
