"""Long polling: store first, acknowledge by the next call."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot import incoming, kinds
from bot.client import seconds_to_wait
from core.clock import now
from core.db import Database
from core.failpoints import failpoint_async
from core.messaging import inbox
from core.messaging.vault import Vault
from core.rules.retries import NO_WAIT, TOKEN_WAIT, backoff
from core.wake import comes

log = structlog.get_logger(__name__)

WAIT_SECONDS = 25
COMPLAIN_EVERY = timedelta(minutes=1)
ALLOWED = [kind for kind, is_read in kinds.UPDATES.items() if is_read]


class Poller:
    """Takes updates from Telegram into the inbox."""

    def __init__(self, bot: Bot, database: Database, vault: Vault) -> None:
        self._bot, self._database, self._vault = bot, database, vault
        self._bot_id = int(bot.token.partition(":")[0])
        self.polled_at: datetime | None = None
        self.conflict_at: datetime | None = None
        self.refused_at: datetime | None = None
        self._complained_at: datetime | None = None
        self._had_webhook = False
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
                        [incoming.to_store(update) for update in updates],
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
        # the first call of a quiet bot would tell only after half a minute whether all is well
        patience = WAIT_SECONDS if self.polled_at else 0
        parameters: dict[str, Any] = {"timeout": patience, "allowed_updates": ALLOWED, "limit": 100}
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
        wait = wait_after(error, failures)
        if isinstance(error, InvalidToken):
            self.refused_at = now()
        if isinstance(error, Conflict):
            wait = await self._contend(error, wait)
        else:
            what = "Telegram does not answer" if isinstance(error, TelegramError) else "updates could not be stored"
            log.warning(what, error=str(error) or repr(error), again_in=str(wait), failures=failures)
        await comes(self._stopping, seconds=wait.total_seconds())

    async def _contend(self, error: Conflict, wait: timedelta) -> timedelta:
        """Somebody else takes updates with this token, or a webhook does; how long to wait."""
        if "webhook" in error.message.lower():
            is_first, is_gone = not self._had_webhook, await self._remove_webhook()
            self._had_webhook = self._had_webhook or is_gone
            if is_first:  # left over from a desk that did not poll: no quarrel
                return NO_WAIT if is_gone else wait
        self.conflict_at = now()
        if self._complained_at is None or abs(self.conflict_at - self._complained_at) >= COMPLAIN_EVERY:
            self._complained_at = self.conflict_at
            log.error(
                "another program takes this bot's updates: stop it, or give it a token of its own", says=str(error)
            )
        return wait

    async def _remove_webhook(self) -> bool:
        """Whether it is gone; what waits there is kept and comes with the next poll."""
        try:
            info = await self._bot.do_api_request("getWebhookInfo")
            host = urlsplit(info["url"]).hostname if isinstance(info, dict) else None
            if host:
                await self._bot.do_api_request("deleteWebhook")
                log.warning("the webhook of this bot is removed, because this desk polls", host=host)
        except TelegramError as error:
            log.warning("the webhook could not be removed", error=str(error))
            return False
        return True


def wait_after(error: Exception, failures: int) -> timedelta:
    """How long to leave Telegram alone after so many failures in a row."""
    if isinstance(error, InvalidToken):
        return TOKEN_WAIT
    if isinstance(error, RetryAfter):
        return max(backoff(failures), timedelta(seconds=seconds_to_wait(error)))
    return backoff(failures)
