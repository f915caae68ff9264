"""Fetches the files of customers from Telegram after the commit, for 24 hours if it must."""

import asyncio
from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import select
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from core.clock import now
from core.db import Database
from core.messaging.store import FileStore, Stored, TooBigError
from core.models import Attachment, FileState
from core.rules.retries import backoff
from core.wake import Topic

log = structlog.get_logger(__name__)

CAP = 20 * 1024 * 1024
AT_ONCE = 4
GIVE_UP_AFTER = timedelta(hours=24)


class FileFetcher:
    """Row first, bytes later: a fresh link for each try, the content under its hash."""

    def __init__(self, bot: Bot, database: Database, store: FileStore) -> None:
        self._bot, self._database, self._store = bot, database, store
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                fetched = await self.fetch_due()
            except Exception as error:
                log.error("files wait for the database", error=repr(error))
                fetched = 0
            if not fetched:
                await self._database.wake.wait(Topic.FILES, seconds=1.0)

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.FILES])

    async def fetch_due(self) -> int:
        """Fetch what is due, a few at once; how many were tried."""
        async with self._database.read() as session:
            due = (
                await session.execute(
                    select(Attachment.id, Attachment.telegram_file_id)
                    .where(Attachment.state == FileState.PENDING, Attachment.due_at <= now())
                    .order_by(Attachment.due_at)
                    .limit(AT_ONCE)
                )
            ).all()
        await asyncio.gather(*(self._fetch(attachment_id, file_id) for attachment_id, file_id in due))
        return len(due)

    async def _fetch(self, attachment_id: int, file_id: str | None) -> None:
        error, is_final = "", False
        stored: Stored | None = None
        try:
            stored = await self._download(file_id or "")
        except TooBigError:
            error, is_final = "larger than 20 MB", True
        except BadRequest as failure:
            error, is_final = failure.message, True
        except (TelegramError, httpx.HTTPError, OSError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        async with self._database.write() as session:
            attachment = await session.get_one(Attachment, attachment_id, with_for_update=True)
            if stored is not None:
                attachment.state, attachment.sha256, attachment.size = FileState.STORED, stored.sha256, stored.size
                attachment.error = None
            else:
                _fail(attachment, error, is_final=is_final, moment=now())

    async def _download(self, file_id: str) -> Stored:
        file = await self._bot.get_file(file_id)
        if file.file_size is not None and file.file_size > CAP:
            raise TooBigError
        content = await file.download_as_bytearray()
        if len(content) > CAP:
            raise TooBigError
        return await self._store.put(bytes(content))


def _fail(attachment: Attachment, error: str, *, is_final: bool, moment: datetime) -> None:
    attachment.attempts += 1
    attachment.error = error[:300]
    if is_final or moment - attachment.created_at > GIVE_UP_AFTER:
        attachment.state, attachment.due_at = FileState.FAILED, None
        log.warning("a file was given up", attachment=attachment.id, error=error)
    else:
        attachment.due_at = moment + backoff(attachment.attempts)
