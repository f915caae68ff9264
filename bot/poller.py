"""Long polling: store first, acknowledge by the next call."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.client import seconds_to_wait
from bot.incoming import lane_of
from core.clock import now
from core.db import Database
from core.failpoints import failpoint_async
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.rules.retries import TOKEN_WAIT, backoff

log = structlog.get_logger(__name__)

WAIT_SECONDS = 25
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]


class Poller:
    """Takes updates from Telegram into the inbox."""

    def __init__(self, bot: Bot, database: Database, vault: Vault) -> None:
        self._bot, self._database, self._vault = bot, database, vault
        self._bot_id = int(bot.token.partition(":")[0])
        self.polled_at: datetime | None = None
        self.conflict_at: datetime | None = None
        self.refused_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        offset: int | None = None
        failures = 0
        while not self._stopping.is_set():
            try:
                updates = await self._fetch(offset)
                if updates is None:
                    return
                async with self._database.write() as session:
                    await inbox.accept(
                        session,
                        [_incoming(update) for update in updates],
                        bot_id=self._bot_id,
                        vault=self._vault,
                        now=now(),
                    )
                if updates:
                    await failpoint_async("ingest.after_commit")
                # only the next call confirms, so nothing is forgotten before this commit; ids may start anew
                offset = updates[-1]["update_id"] + 1 if updates else offset
                self.polled_at = now()
                failures = 0
            except Exception as error:
                failures += 1
                await self._recover(error, failures)
                offset = None

    def stop(self) -> None:
        self._stopping.set()

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]] | None:
        """The next updates, or None when it is time to stop: then no call is left that could confirm anything."""
        parameters: dict[str, Any] = {"timeout": WAIT_SECONDS, "allowed_updates": ALLOWED, "limit": 100}
        if offset is not None:
            parameters["offset"] = offset
            await failpoint_async("ingest.before_ack")
        call = asyncio.ensure_future(self._call(parameters))
        stop = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({call, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if call.done():
            return call.result()
        call.cancel()
        await asyncio.wait({call})
        return None

    async def _call(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self._bot.do_api_request(
            "getUpdates", api_kwargs=parameters, read_timeout=WAIT_SECONDS + 10, connect_timeout=10
        )
        assert isinstance(answer, list)
        return answer

    async def _recover(self, error: Exception, failures: int) -> None:
        wait = backoff(failures)
        if isinstance(error, InvalidToken):
            wait, self.refused_at = TOKEN_WAIT, now()
        elif isinstance(error, Conflict):
            self.conflict_at = now()
        elif isinstance(error, RetryAfter):
            wait = max(wait, timedelta(seconds=seconds_to_wait(error)))
        what = "Telegram does not answer" if isinstance(error, TelegramError) else "updates could not be stored"
        log.warning(what, error=str(error) or repr(error), again_in=str(wait), failures=failures)
        try:
            async with asyncio.timeout(wait.total_seconds()):
                await self._stopping.wait()
        except TimeoutError:
            return


def _incoming(update: dict[str, Any]) -> Incoming:
    # half a surrogate pair is no text: neither UTF-8 nor a database takes it
    raw = json.dumps(update, ensure_ascii=False).encode(errors="replace")
    return Incoming(update["update_id"], lane_of(update), raw)
