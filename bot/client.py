"""python-telegram-bot's Bot over HTTP, and what its errors mean for a delivery."""

import os
import ssl
import warnings
from functools import cache

from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.warnings import PTBUserWarning

from bot.request import NEVER_LEFT, AiohttpRequest
from core.messaging.channel import DeliveryError
from core.rules.retries import Outcome
from core.settings import Settings

# The library's coming way to tell durations; its old one warns at each 429.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# Calls go by name with raw answers on purpose: an update of a kind unknown today must reach the inbox whole.
warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)

_CHAT_GONE = ("chat not found", "user is deactivated", "bot was kicked")


def make_bot(settings: Settings, *, api_url: str | None = None) -> Bot:
    """A bot for this desk; polling has connections of its own so that a long poll never holds up a push."""
    url = api_url or settings.telegram_api_url
    return Bot(
        settings.bot_token,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        request=AiohttpRequest(connections=64, read_timeout=30, certificates=certificates()),
        get_updates_request=AiohttpRequest(connections=2, read_timeout=10, certificates=certificates()),
    )


@cache
def certificates() -> ssl.SSLContext:
    """The authorities everybody trusts; reading them takes 30 ms, so every connection shares them."""
    return ssl.create_default_context()


def seconds_to_wait(error: RetryAfter) -> float:
    """Telegram's ``retry_after``."""
    wait = error.retry_after
    return float(wait if isinstance(wait, int) else wait.total_seconds())


def as_delivery_error(error: TelegramError) -> DeliveryError:
    """Classify from specific to general: BadRequest and TimedOut are NetworkErrors too."""
    detail = f"{type(error).__name__}: {error.message}"
    if isinstance(error, RetryAfter):
        return DeliveryError(Outcome.REFUSED, detail, retry_after=seconds_to_wait(error))
    if isinstance(error, InvalidToken):
        return DeliveryError(Outcome.TOKEN, "the token was refused")
    if isinstance(error, Forbidden | ChatMigrated):
        return DeliveryError(Outcome.BAD_CHAT, detail)
    if isinstance(error, BadRequest):
        is_gone = any(words in error.message.lower() for words in _CHAT_GONE)
        return DeliveryError(Outcome.BAD_CHAT if is_gone else Outcome.BAD_CONTENT, detail)
    if "request entity too large" in error.message.lower():
        return DeliveryError(Outcome.BAD_CONTENT, detail)
    if isinstance(error, TimedOut | NetworkError):
        never_left = isinstance(error.__cause__, NEVER_LEFT)
        return DeliveryError(Outcome.NOT_SENT if never_left else Outcome.DOUBTFUL, detail)
    return DeliveryError(Outcome.DOUBTFUL, detail)
