"""Telegram brings its updates: each is answered when it is stored, and what comes meanwhile shares a commit."""

import asyncio
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import InvalidToken

from bot import incoming
from bot.poller import ALLOWED, wait_after
from core.clock import now
from core.db import Database
from core.failpoints import failpoint_async
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.wake import comes

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
CAP = 256 * 1024  # an update has 64 KiB at most
PATIENCE = 30.0  # Telegram waits a minute for its answer
CONNECTIONS = 40
LOOK_SECONDS = 60.0
LARGEST_ID = 2**63 - 1

Verdict = tuple[int, dict[str, str]]

# What Telegram does with these: 200 forgets the update, 503 brings it again after five seconds.
_STORED: Verdict = (200, {})
_LATER: Verdict = (503, {"Retry-After": "5"})
_STRANGER: Verdict = (403, {})
_TOO_LARGE: Verdict = (413, {})


class Webhook:
    """The way in for Telegram's requests."""

    def __init__(self, database: Database, vault: Vault, *, bot_id: int, path: str, secret: str) -> None:
        self._intake = Intake(database, vault, bot_id)
        self._secret = secret.encode()
        self.route = Route(path, self._receive, methods=["POST"])

    @property
    def stored_at(self) -> datetime | None:
        return self._intake.stored_at

    async def _receive(self, request: Request) -> Response:
        status, headers = await self._answer(request)
        return Response(status_code=status, headers=headers)

    async def _answer(self, request: Request) -> Verdict:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return _STRANGER
        try:
            body = await _body_of(request)
        except ClientDisconnect:
            return _LATER
        if body is None:
            log.error("a request to the webhook was too large for an update", cap=CAP)
            return _TOO_LARGE
        update = _read(body)
        if update is None:
            # it stays what it is however often it comes, so it is taken; what it was can be found by its hash
            sha256 = hashlib.sha256(body).hexdigest()
            log.error("the webhook was brought something that is no update", bytes=len(body), sha256=sha256)
            return _STORED
        return _STORED if await self._intake.store(update) else _LATER


class Intake:
    """Stores what many connections bring, one transaction at a time."""

    def __init__(self, database: Database, vault: Vault, bot_id: int) -> None:
        self._database, self._vault, self._bot_id = database, vault, bot_id
        self._waiting: list[tuple[Incoming, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.stored_at: datetime | None = None

    async def store(self, update: Incoming) -> bool:
        """Whether it is committed; False when that failed or takes too long."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="Intake")
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                return await stored
        return False

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            is_stored = await self._commit([update for update, _ in batch])
            for _, stored in batch:
                if not stored.done():  # whoever asked may have left
                    stored.set_result(is_stored)

    async def _commit(self, updates: list[Incoming]) -> bool:
        moment = now()
        try:
            async with self._database.write() as session:
                await inbox.accept(session, updates, bot_id=self._bot_id, vault=self._vault, now=moment)
            await failpoint_async("ingest.after_commit")
        except Exception as error:
            log.warning("updates could not be stored, Telegram brings them again", error=repr(error), n=len(updates))
            return False
        self.stored_at = moment
        return True


class Registration:
    """Tells Telegram where to bring updates, and looks now and then whether it still knows."""

    def __init__(self, bot: Bot, address: str, secret: str) -> None:
        self._bot, self._address, self._secret = bot, address, secret
        self._is_registered = False
        self._last_error = 0
        self.conflict_at: datetime | None = None
        self.refused_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._look()
                failures, pause = 0, LOOK_SECONDS
            except Exception as error:
                failures += 1
                wait = wait_after(error, failures)
                pause = wait.total_seconds()
                if isinstance(error, InvalidToken):
                    self.refused_at = now()
                log.warning("the webhook could not be set", error=str(error) or repr(error), again_in=str(wait))
            await comes(self._stopping, seconds=pause)

    def stop(self) -> None:
        """What Telegram has waiting it keeps until somebody answers again."""
        self._stopping.set()

    async def _look(self) -> None:
        info = await self._ask("getWebhookInfo")
        if self._is_registered and info["url"] != self._address:
            self._is_registered, self.conflict_at = False, now()
            host = urlsplit(info["url"]).hostname
            log.error("another program with this token changed the webhook; it is set again", to_host=host)
        if not self._is_registered:
            await self._ask(
                "setWebhook",
                url=self._address,
                secret_token=self._secret,
                allowed_updates=ALLOWED,
                max_connections=CONNECTIONS,
            )
            self._is_registered = True
            log.info("Telegram brings its updates", host=urlsplit(self._address).hostname)
        elif info.get("last_error_date", 0) > self._last_error:
            says, waiting = info.get("last_error_message"), info["pending_update_count"]
            log.warning("Telegram could not bring an update", says=says, waiting=waiting)
        self._last_error = max(self._last_error, info.get("last_error_date", 0))

    async def _ask(self, method: str, **parameters: Any) -> Any:
        return await self._bot.do_api_request(method, api_kwargs=parameters)


async def _body_of(request: Request) -> bytes | None:
    """The whole body, or None where it is larger than any update. Raises ClientDisconnect."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > CAP:
            return None
    return bytes(body)


def _read(body: bytes) -> Incoming | None:
    """The update, or None for what is none: no JSON, no object, no id."""
    try:
        update = json.loads(body)
        number = update["update_id"]
        if not isinstance(number, int) or not 0 <= number <= LARGEST_ID:
            return None
        return incoming.to_store(update)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
