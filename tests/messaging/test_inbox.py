"""Updates are stored once, and come out in order per chat."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.db import Database
from core.messaging import inbox
from core.messaging.inbox import Incoming, Waiting
from core.messaging.vault import Vault
from core.models import InboxRow, InboxState

VAULT = Vault(b"k" * 32)
MOMENT = datetime(2026, 3, 2, 15, tzinfo=UTC)
BOT = 1000000001


async def accept(database: Database, *updates: tuple[int, str], at: float = 0) -> None:
    """Updates with their ids and chats."""
    items = [Incoming(number, lane, f"update {number}".encode()) for number, lane in updates]
    async with database.write() as session:
        await inbox.accept(session, items, bot_id=BOT, vault=VAULT, now=MOMENT + timedelta(seconds=at))


async def heads(database: Database, *, at: float = 0, limit: int = 32) -> Sequence[Waiting]:
    async with database.read() as session:
        return await inbox.heads(session, now=MOMENT + timedelta(seconds=at), limit=limit)


async def ids(database: Database, *, at: float = 0, limit: int = 32) -> list[int]:
    return [item.update_id for item in await heads(database, at=at, limit=limit)]


async def finish(database: Database, item: Waiting) -> None:
    async with database.write() as session:
        await inbox.finish(session, [item])


async def test_an_update_handed_out_twice_is_one_row_done_or_not(database: Database):
    await accept(database, (7, "ada"), (8, "bruno"))
    await accept(database, (7, "ada"), (8, "bruno"), (7, "ada"))
    assert await ids(database) == [7, 8]
    await finish(database, (await heads(database))[0])
    await accept(database, (7, "ada"), at=60)
    assert await ids(database, at=60) == [8]


async def test_a_chat_shows_its_oldest_update_only_and_the_others_show_theirs(database: Database):
    await accept(database, (1, "ada"), (2, "ada"), (3, "bruno"), (4, "ada"))
    assert await ids(database) == [1, 3]
    await finish(database, (await heads(database))[0])
    assert await ids(database) == [2, 3]
    assert await ids(database, limit=1) == [2]


async def test_ids_that_start_anew_lower_after_a_quiet_week_come_in_their_order(database: Database):
    await accept(database, (900_000_000, "ada"))
    await accept(database, (5, "ada"), (6, "bruno"), at=7 * 86400)
    assert await ids(database, at=7 * 86400) == [900_000_000, 6]
    await finish(database, (await heads(database, at=7 * 86400))[0])
    assert await ids(database, at=7 * 86400) == [5, 6]


async def test_what_comes_by_a_clock_that_is_behind_comes_after_what_waits_in_its_chat(database: Database):
    """Another machine's, or this one's after it was set back."""
    await accept(database, (10, "ada"), at=60)
    await accept(database, (11, "ada"), (9, "bruno"))
    await accept(database, (4, "ada"), at=30)
    looks = []
    while found := await heads(database, at=60):
        looks.append([item.update_id for item in found])
        for item in found:
            await finish(database, item)
    assert looks == [[9, 10], [11], [4]]


async def test_the_same_id_of_another_bot_is_another_update(database: Database):
    await accept(database, (7, "ada"))
    async with database.write() as session:
        await inbox.accept(session, [Incoming(7, "bruno", b"x")], bot_id=2, vault=VAULT, now=MOMENT)
    assert len(await heads(database)) == 2


async def test_a_failure_waits_longer_each_time_holds_its_chat_only_and_ends_after_five(database: Database):
    await accept(database, (1, "ada"), (2, "ada"), (3, "bruno"))
    at = 0
    for wait in (1, 2, 4, 8):
        assert not await fail(database, at=at)
        assert await ids(database, at=at + wait - 0.01) == [3]
        at += wait
    assert await fail(database, at=at)
    assert await ids(database, at=at) == [2, 3]


async def fail(database: Database, *, at: float) -> bool:
    """The first one fails; whether for the last time."""
    first = (await heads(database, at=at))[0]
    assert first.update_id == 1
    async with database.write() as session:
        return await inbox.fail(session, first, "ValueError", now=MOMENT + timedelta(seconds=at))


async def test_the_words_are_encrypted_at_rest_and_wiped_with_the_effect(database: Database):
    await accept(database, (1, "ada"))
    row = await stored(database)
    assert row.raw is not None
    assert b"update" not in row.raw
    (item,) = await heads(database)
    assert VAULT.unlock(item.raw) == b"update 1"
    await finish(database, item)
    row = await stored(database)
    assert (row.state, row.raw) == (InboxState.DONE, None)


async def stored(database: Database) -> InboxRow:
    async with database.read() as session:
        row = await session.scalar(select(InboxRow))
    assert row is not None
    return row


async def test_two_workers_never_take_the_same_update_nor_two_of_one_chat(database: Database):
    """On PostgreSQL the second passes over what the first holds; on SQLite it waits for it."""
    await accept(database, (1, "ada"), (2, "ada"), (3, "bruno"))
    async with database.write() as first:
        taken = await inbox.heads(first, now=MOMENT, limit=1, lock=True)
        assert [item.update_id for item in taken] == [1]
        if not database.is_sqlite:
            async with database.write() as second:
                assert [item.update_id for item in await inbox.heads(second, now=MOMENT, limit=9, lock=True)] == [3]
        await inbox.finish(first, taken[:1])
    assert await ids(database) == [2, 3]
