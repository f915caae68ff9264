"""When much waits at once, PostgreSQL looks at each row a few times and not at each beside all others."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from core.clock import now
from core.db import Database, ReadSession
from core.messaging import inbox, ready
from core.models import Channel, DeliveryState, InboxRow, InboxState, OutboxRow, Urgency

CHATS, EACH = 40, 25

pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


async def rows_looked_at(database: Database, ask: Callable[[ReadSession], Awaitable[object]]) -> int:
    """By all steps of the plan together, those that were passed over included."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    async with database.read() as session:
        event.listen(database._reader.sync_engine, "before_cursor_execute", note)
        await ask(session)
        event.remove(database._reader.sync_engine, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        connection = await session.connection()
        answer = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        found = answer.scalar_one()
    plan = json.loads(found) if isinstance(found, str) else found
    return _looked_at(plan[0]["Plan"])


def _looked_at(step: dict[str, Any]) -> int:
    passed_over = sum(rows for name, rows in step.items() if name.startswith("Rows Removed by"))
    below = sum(_looked_at(part) for part in step.get("Plans", ()))
    return int((step["Actual Rows"] + passed_over) * step["Actual Loops"]) + below


async def _as_usual(database: Database) -> None:
    """What the database knows of the tables dates from a quiet moment."""
    async with database.write() as session:
        await session.execute(text("ANALYZE"))


async def test_the_heads_of_a_full_inbox(database: Database):
    def row(number: int, state: InboxState) -> dict[str, Any]:
        lane, at = str(number % CHATS), now() + timedelta(microseconds=number)
        return {"bot_id": 1, "update_id": number, "lane": lane, "state": state, "received_at": at, "due_at": at}

    async with database.write() as session:
        await session.execute(insert(InboxRow), [row(number, InboxState.DONE) for number in range(5_000)])
    await _as_usual(database)
    async with database.write() as session:
        many = range(5_000, 5_000 + CHATS * EACH)
        await session.execute(insert(InboxRow), [row(number, InboxState.NEW) for number in many])

    async def heads(session: ReadSession) -> object:
        found = await inbox.heads(session, now=now() + timedelta(minutes=1), limit=64)
        assert [one.update_id for one in found] == list(range(5_000, 5_000 + CHATS))
        return found

    assert await rows_looked_at(database, heads) < 6 * CHATS * EACH


async def test_what_may_go_of_a_full_outbox(database: Database):
    def row(number: int, state: DeliveryState) -> dict[str, Any]:
        moment = now()
        return {
            "channel": Channel.TELEGRAM,
            "lane": str(number % CHATS),
            "method": "sendMessage",
            "payload": {"text": f"{number}"},
            "urgency": Urgency.ANSWER,
            "state": state,
            "attempts": 0,
            "doubts": 0,
            "content_retries": 0,
            "created_at": moment,
            "due_at": moment,
        }

    async with database.write() as session:
        await session.execute(insert(OutboxRow), [row(number, DeliveryState.SENT) for number in range(5_000)])
    await _as_usual(database)
    async with database.write() as session:
        await session.execute(
            insert(OutboxRow), [row(number, DeliveryState.QUEUED) for number in range(CHATS * EACH)]
        )

    async def due(session: ReadSession) -> object:
        moment = now() + timedelta(minutes=1)
        found = await ready.due(session, now=moment, channels=[Channel.TELEGRAM], limit=256)
        assert sorted(int(one.lane) for one in found) == list(range(CHATS))
        return found

    assert await rows_looked_at(database, due) < 6 * CHATS * EACH
