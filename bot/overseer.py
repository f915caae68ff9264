"""Asks Telegram twice a minute what it still holds for this bot."""

import asyncio
from datetime import datetime

import structlog
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from core.actions import heartbeats
from core.clock import now
from core.db import Database
from core.models import Beat
from core.wake import comes

log = structlog.get_logger(__name__)

SECONDS_BETWEEN = 30.0
MANY = 20  # a handful is what arrived this very second


class Overseer:
    """Telegram's own account of the bot tells of trouble that neither poller nor webhook can see themselves."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
        self._many_since: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await comes(self._stopping, seconds=SECONDS_BETWEEN)
        while not self._stopping.is_set():
            try:
                await self.look()
            except Exception as error:
                log.warning("what Telegram holds could not be noted", error=type(error).__name__)
            await comes(self._stopping, seconds=SECONDS_BETWEEN)

    def stop(self) -> None:
        self._stopping.set()

    async def look(self) -> None:
        """Note how many updates wait at Telegram, and since when they are many; or that the token is refused."""
        try:
            info = await self._bot.do_api_request("getWebhookInfo")
        except InvalidToken:
            async with self._database.write() as session:
                await heartbeats.note(session, Beat.TOKEN_REFUSED)
            return
        except TelegramError as error:
            log.warning("Telegram does not say what it holds", error=type(error).__name__)
            return
        pending = int(info.get("pending_update_count", 0)) if isinstance(info, dict) else 0
        self._many_since = (self._many_since or now()) if pending >= MANY else None
        detail = {"pending": pending, "since": self._many_since.isoformat() if self._many_since else None}
        async with self._database.write() as session:
            await heartbeats.note(session, Beat.TELEGRAM, detail=detail)
