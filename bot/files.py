"""Fetches the files of customers from Telegram after the commit, for 24 hours if it must."""

import asyncio
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial

import aiohttp
import structlog
from sqlalchemy import select
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter

from bot import download
from bot.client import seconds_to_wait
from core.actions import people
from core.actions.content import TELEGRAM_DOWNLOAD_LIMIT, arrived
from core.clock import now
from core.db import Database, WriteSession
from core.failpoints import failpoint_async
from core.i18n import N_
from core.messaging import outbox
from core.messaging.due import has_come
from core.messaging.quarantine import TooBigError
from core.messaging.scanner import InfectedError, ScannerError
from core.messaging.store import FileStore, Received
from core.models import Attachment, FileState, Person
from core.render import telegram
from core.render.office import Office
from core.rules.retries import backoff
from core.wake import Topic, comes

log = structlog.get_logger(__name__)

AT_ONCE = 4
GIVE_UP_AFTER = timedelta(hours=24)
LEAST_TRIES = 10  # a quarter of an hour; a clock put forward, or a desk that stood still for a day, ends nothing
LONGEST_WAIT = timedelta(minutes=10)

NOT_RECEIVED = N_("We could not receive %(name)s. Please send it again, in smaller parts.")
HARMFUL = N_(
    "We did not take %(name)s: our virus scanner says that it is harmful. Please have your computer checked."
)


class FileFetcher:
    """Row first, bytes later: a fresh link for each try, the content under its hash."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        store: FileStore,
        office: Office,
        *,
        times: aiohttp.ClientTimeout = download.TIMES,
    ) -> None:
        self._bot, self._database, self._store, self._office = bot, database, store, office
        self._times = times
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await asyncio.to_thread(self._store.sweep)
        failures = 0
        async with download.open_session(times=self._times) as session:
            while not self._stopping.is_set():
                try:
                    await self._start_due(session)
                    failures = 0
                except Exception as error:
                    failures += 1
                    log.error("files wait for the database", error=repr(error), failures=failures)
                    await comes(self._stopping, seconds=backoff(failures).total_seconds())
                await self._database.wake.wait(Topic.FILES, seconds=1.0)
            await self._break_off()

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.FILES])

    async def _start_due(self, session: aiohttp.ClientSession) -> None:
        """Fetch what is due, a few at once; a slow one holds up none but itself."""
        free = AT_ONCE - len(self._under_way)
        if not free:
            return
        async with self._database.read() as reading:
            due = await reading.execute(
                select(Attachment.id, Attachment.telegram_file_id)
                .where(
                    Attachment.state == FileState.PENDING,
                    has_come(Attachment.due_at, now()),
                    Attachment.id.not_in(list(self._under_way)),
                )
                .order_by(Attachment.due_at)
                .limit(free)
            )
        for attachment_id, file_id in due.all():
            task = asyncio.create_task(self._fetch(session, attachment_id, file_id or ""))
            self._under_way[attachment_id] = task
            task.add_done_callback(partial(self._is_done, attachment_id))

    def _is_done(self, attachment_id: int, _: asyncio.Task[None]) -> None:
        del self._under_way[attachment_id]
        self._database.wake.ring([Topic.FILES])

    async def _break_off(self) -> None:
        """What is half fetched is fetched anew after the next start."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, session: aiohttp.ClientSession, attachment_id: int, file_id: str) -> None:
        outcome: Received | Exception
        try:
            outcome = await self._download(session, file_id)
        except Exception as error:
            outcome = error  # whatever it is, the next try comes later and the other files go on
        try:
            await self._note(attachment_id, outcome)
        except Exception as error:
            log.error("a file waits for the database", attachment=attachment_id, error=repr(error))
            await comes(self._stopping, seconds=1.0)

    async def _download(self, session: aiohttp.ClientSession, file_id: str) -> Received:
        file = await self._bot.get_file(file_id)
        await failpoint_async("file.after_getfile")
        if file.file_size is not None and file.file_size > TELEGRAM_DOWNLOAD_LIMIT:
            raise TooBigError("more than 20 MB")
        # the address holds the token and lives for an hour: it is neither stored nor logged
        stream = download.chunks(session, file.file_path or "", expected=file.file_size)
        async with aclosing(stream):
            return await self._store.receive(stream, cap=TELEGRAM_DOWNLOAD_LIMIT)

    async def _note(self, attachment_id: int, outcome: Received | Exception) -> None:
        async with self._database.write() as session:
            attachment = await session.get_one(Attachment, attachment_id, with_for_update=True)
            if attachment.state is not FileState.PENDING:
                return  # another fetcher was faster
            if isinstance(outcome, Received):
                arrived(attachment, outcome)
            elif isinstance(outcome, InfectedError):
                _end(attachment, FileState.QUARANTINED, str(outcome))
                await self._tell(session, attachment, HARMFUL)
            elif _fail(attachment, outcome, moment=now()):
                await self._tell(session, attachment, NOT_RECEIVED)
            await failpoint_async("file.before_commit")

    async def _tell(self, session: WriteSession, attachment: Attachment, words: str) -> None:
        """Whoever sent the file believes that we have it."""
        is_wanted = attachment.article_id is not None or attachment.draft_id is not None
        if attachment.source_chat is None or not is_wanted:
            return
        person = await session.scalar(people.by_telegram_id(attachment.source_chat))
        t = self._office.translators[person.reads if isinstance(person, Person) else None]
        payload = telegram.message(telegram.plain(t(words, name=attachment.name)))
        outbox.post(session, attachment.source_chat, "sendMessage", payload, dedupe_key=f"file-{attachment.id}")


def _fail(attachment: Attachment, failure: Exception, *, moment: datetime) -> bool:
    """Note the failure; True when the file is given up."""
    attachment.attempts += 1
    is_old = moment - attachment.created_at > GIVE_UP_AFTER and attachment.attempts >= LEAST_TRIES
    if _is_final(failure) or (is_old and not _is_ours(failure)):
        _end(attachment, FileState.FAILED, _words_of(failure))
        return True
    attachment.error = _words_of(failure)
    asked = seconds_to_wait(failure) if isinstance(failure, RetryAfter) else 0.0
    wait = backoff(attachment.attempts, longest=LONGEST_WAIT)
    attachment.due_at = moment + max(wait, timedelta(seconds=asked))
    return False


def _end(attachment: Attachment, state: FileState, reason: str) -> None:
    attachment.state, attachment.due_at, attachment.error = state, None, reason
    log.warning("a file was given up", attachment=attachment.id, state=state, reason=reason)


def _words_of(failure: Exception) -> str:
    """For the staff; a refused token stands in its error, so that one is not quoted."""
    if isinstance(failure, InvalidToken):
        return "InvalidToken"
    return f"{type(failure).__name__}: {failure}".removesuffix(": ")[:300]


def _is_ours(failure: Exception) -> bool:
    """A full disk or a scanner that is away will pass, and the customer has no part in it."""
    return isinstance(failure, OSError | ScannerError)


def _is_final(failure: Exception) -> bool:
    """Telegram says "wrong file_id or the file is temporarily unavailable" in one breath: that is tried again."""
    if isinstance(failure, BadRequest):
        return "temporarily" not in failure.message
    return isinstance(failure, TooBigError)
