"""Asks Telegram twice a minute what it still holds for this bot."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from core.actions.heartbeats import note
from core.clock import now
from core.db import Database
from core.models import Beat, Heartbeat
from core.queries.heartbeats import heartbeats
from core.rules.held_back import Account, Held, held
from core.wake import comes

log = structlog.get_logger(__name__)

SECONDS_BETWEEN = 30.0
FORGOTTEN = timedelta(minutes=5)  # an account of before says nothing of what happened since


class Overseer:
    """Telegram's own account of the bot tells of trouble that neither poller nor webhook can see themselves."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
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
        """Note how many updates wait at Telegram, and since when they are held back; or that the token is refused."""
        try:
            info = await self._bot.do_api_request("getWebhookInfo")
        except InvalidToken:
            async with self._database.write() as session:
                await note(session, Beat.TOKEN_REFUSED)
            return
        except TelegramError as error:
            log.warning("Telegram does not say what it holds", error=type(error).__name__)
            return
        moment = now()
        async with self._database.write() as session:
            beats = await heartbeats(session)
            account = _account(info if isinstance(info, dict) else {}, beats)
            detail = _detail(account, held(account, _before(beats, moment), moment))
            await note(session, Beat.TELEGRAM, at=moment, detail=detail)


def _account(info: Mapping[str, Any], beats: Mapping[str, Heartbeat]) -> Account:
    failed = info.get("last_error_date")
    stored = [beats[beat].at for beat in (Beat.POLLED, Beat.WEBHOOK) if beat in beats]
    return Account(
        pending=int(info.get("pending_update_count", 0)),
        failed_at=datetime.fromtimestamp(failed, UTC) if failed else None,
        stored_at=max(stored, default=None),
    )


def _before(beats: Mapping[str, Heartbeat], moment: datetime) -> Held | None:
    """What the account before this one said, whichever process took it."""
    beat = beats.get(Beat.TELEGRAM)
    if beat is None or abs(moment - beat.at) >= FORGOTTEN or not beat.detail.get("since"):
        return None
    stored = beat.detail.get("stored_at")
    since = datetime.fromisoformat(beat.detail["since"])
    return Held(since, beat.detail.get("least", 0), datetime.fromisoformat(stored) if stored else None)


def _detail(account: Account, now_held: Held | None) -> dict[str, Any]:
    if now_held is None:
        return {"pending": account.pending, "since": None}
    stored = now_held.stored_at
    return {
        "pending": account.pending,
        "since": now_held.since.isoformat(),
        "least": now_held.least,
        "stored_at": stored.isoformat() if stored else None,
    }
