"""Fetches the files of customers from Telegram after the commit, for 24 hours if it must."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from telegram import Bot
from telegram.error import BadRequest, RetryAfter

from bot.client import seconds_to_wait
from core.actions import people
from core.clock import now
from core.db import Database, WriteSession
from core.messaging import outbox
from core.messaging.store import FileStore, Stored
from core.models import Attachment, FileState, Person
from core.render import telegram
from core.render.office import Office
from core.rules.retries import backoff
from core.wake import Topic

log = structlog.get_logger(__name__)

CAP = 20 * 1024 * 1024
AT_ONCE = 4
GIVE_UP_AFTER = timedelta(hours=24)


class TooBigError(Exception):
    """Larger than a bot may download."""


class FileFetcher:
    """Row first, bytes later: a fresh link for each try, the content under its hash."""

    def __init__(self, bot: Bot, database: Database, store: FileStore, office: Office) -> None:
        self._bot, self._database, self._store, self._office = bot, database, store, office
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                fetched = await self.fetch_due()
                failures = 0
            except Exception as error:
                failures += 1
                log.error("files wait for the database", error=repr(error), failures=failures)
                await self._pause(backoff(failures).total_seconds())
                continue
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
        stored: Stored | None = None
        failure: Exception | None = None
        try:
            stored = await self._download(file_id or "")
        except Exception as error:
            failure = error  # whatever it is, the next try comes later and the other files go on
        async with self._database.write() as session:
            attachment = await session.get_one(Attachment, attachment_id, with_for_update=True)
            if stored is not None:
                attachment.state, attachment.sha256, attachment.size = FileState.STORED, stored.sha256, stored.size
                attachment.error = None
            elif failure is not None and _fail(attachment, failure, moment=now()):
                await self._regret(session, attachment)

    async def _download(self, file_id: str) -> Stored:
        file = await self._bot.get_file(file_id)
        if file.file_size is not None and file.file_size > CAP:
            raise TooBigError
        content = await file.download_as_bytearray()
        if len(content) > CAP:
            raise TooBigError
        return await self._store.put(bytes(content))

    async def _regret(self, session: WriteSession, attachment: Attachment) -> None:
        """Whoever sent the file believes that we have it."""
        if attachment.source_chat is None:
            return
        person = await session.scalar(people.by_telegram_id(attachment.source_chat))
        t = self._office.translators[person.language if isinstance(person, Person) else None]
        text = t("We could not receive %(name)s. Please send it again, in smaller parts.", name=attachment.name)
        payload = telegram.message(telegram.plain(text))
        await outbox.put(session, attachment.source_chat, "sendMessage", payload, dedupe_key=f"file-{attachment.id}")

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _fail(attachment: Attachment, failure: Exception, *, moment: datetime) -> bool:
    """Note the failure; True when the file is given up."""
    error = f"{type(failure).__name__}: {failure}"
    attachment.attempts += 1
    attachment.error = error[:300]
    if _is_final(failure) or moment - attachment.created_at > GIVE_UP_AFTER:
        attachment.state, attachment.due_at = FileState.FAILED, None
        log.warning("a file was given up", attachment=attachment.id, error=error)
        return True
    asked = seconds_to_wait(failure) if isinstance(failure, RetryAfter) else 0.0
    attachment.due_at = moment + max(backoff(attachment.attempts), timedelta(seconds=asked))
    return False


def _is_final(failure: Exception) -> bool:
    """Telegram says "wrong file_id or the file is temporarily unavailable" in one breath: that is tried again."""
    if isinstance(failure, BadRequest):
        return "temporarily" not in failure.message
    return isinstance(failure, TooBigError)
