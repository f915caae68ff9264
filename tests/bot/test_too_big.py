"""A file over Telegram's limit: what can be taken of the message is, and the customer learns how it may come."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.worker import Worker
from core.models import Article, Attachment, FileState, OutboxRow
from tests.faults.albums import PUSH, Tray, frame, prepare

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

ADA, STRANGER = 6001, 6002
LINK = "https://mesa.example/upload/"


@pytest.fixture
async def tray(database_url: str) -> AsyncIterator[Tray]:
    tray = Tray(database_url)
    await prepare(tray, ADA)
    yield tray
    await tray.database.close()


def gives_links(tray: Tray) -> None:
    tray.office = replace(tray.office, upload_url="https://mesa.example")
    tray.worker = Worker(tray.database, tray.vault, tray.office)


def big(chat: int, message_id: int, name: str, **more: Any) -> dict[str, Any]:
    file = {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": 30 * 1024 * 1024}
    return {"message": frame(chat, message_id) | {"document": file, **more}}


async def said(tray: Tray, chat: int) -> list[str]:
    async with tray.database.read() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.lane == str(chat)).order_by(OutboxRow.id))
        return [str(row.payload.get("text", "")) for row in rows]


async def last_article(tray: Tray) -> str:
    async with tray.database.read() as session:
        return await session.scalar(select(Article.text).order_by(Article.id.desc()).limit(1)) or ""


async def files(tray: Tray) -> dict[str, FileState]:
    async with tray.database.read() as session:
        return {file.name: file.state for file in await session.scalars(select(Attachment))}


async def test_with_a_link_the_file_has_its_place_and_the_caption_is_kept(tray: Tray):
    gives_links(tray)
    await tray.poll([big(ADA, PUSH + 10, "todo.bak", caption="El respaldo", reply_to_message=frame(ADA, PUSH))])
    assert await last_article(tray) == "El respaldo"
    assert await files(tray) == {"todo.bak": FileState.AWAITED}
    assert len([text for text in await said(tray, ADA) if LINK in text and "todo.bak" in text]) == 1


async def test_each_part_of_an_album_gets_its_own_link(tray: Tray):
    gives_links(tray)
    album = {"media_group_id": "g", "reply_to_message": frame(ADA, PUSH)}
    await tray.poll([big(ADA, PUSH + 10 + part, f"{part}.bak", **album) for part in range(2)])
    links = [text for text in await said(tray, ADA) if LINK in text]
    assert ["0.bak" in links[0], "1.bak" in links[1], len(links)] == [True, True, 2]


async def test_without_a_link_the_words_are_kept_and_the_reason_is_said(tray: Tray):
    await tray.poll([big(ADA, PUSH + 10, "todo.bak", caption="El respaldo", reply_to_message=frame(ADA, PUSH))])
    assert await last_article(tray) == "El respaldo"
    assert await files(tray) == {}
    assert len([text for text in await said(tray, ADA) if "más de 20 MB" in text]) == 1


async def test_before_the_log_in_there_is_no_link(tray: Tray):
    gives_links(tray)
    await tray.poll([big(STRANGER, PUSH + 10, "todo.bak", caption="El respaldo de toda la empresa")])
    words = await said(tray, STRANGER)
    assert not [text for text in words if LINK in text]
    assert [text for text in words if "más de 20 MB" in text]
    assert await files(tray) == {}
