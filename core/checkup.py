"""What ``python -m core check`` looks at, over plain HTTP and SMTP: no part of the bot is needed for it."""

import asyncio
import json
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib
from sqlalchemy import text

from core import migrations
from core.db import Database
from core.keys import webhook_address
from core.messaging.scanner import Scanner
from core.rules.alarms import ENOUGH_DISK
from core.rules.readiness import Finding
from core.settings import Settings

FRESH_SECONDS = 300  # Telegram tells its last failure for ever
WAL_RESET_FIXED = (3, 51, 3)


async def look(settings: Settings, database: Database) -> list[Finding]:
    """Everything in turn; one failure does not hide the next."""
    looks: tuple[tuple[str, Callable[[], Awaitable[str]]], ...] = (
        ("database", lambda: _database(database)),
        ("token", lambda: _token(settings)),
        ("webhook", lambda: _webhook(settings)),
        ("mail", lambda: _mail(settings)),
        ("virus scanner", lambda: _scanner(settings)),
        ("disk", lambda: _disk(settings)),
    )
    findings = [Finding("configuration", is_well=True, says="every setting can be read")]
    for what, ask in looks:
        try:
            findings.append(Finding(what, is_well=True, says=await ask()))
        except Exception as error:
            findings.append(Finding(what, is_well=False, says=str(error).splitlines()[0] or type(error).__name__))
    return findings


async def _database(database: Database) -> str:
    async with database.read() as session:
        await session.execute(text("SELECT 1"))
    if not await migrations.is_current(database):
        raise RuntimeError("the tables are not up to date; run: python -m core migrate")
    if not database.is_sqlite:
        return "PostgreSQL answers, the tables are up to date"
    version = sqlite3.sqlite_version_info
    note = "" if version >= WAL_RESET_FIXED else "; older than 3.51.3: one writing process only"
    return f"SQLite {sqlite3.sqlite_version}, the tables are up to date{note}"


async def _token(settings: Settings) -> str:
    if settings.is_demonstration:
        return "none, so the simulator is used"
    bot = await asyncio.to_thread(_ask, settings, "getMe")
    return f"the bot is @{bot['username']}"


async def _webhook(settings: Settings) -> str:
    """Raises RuntimeError where updates do not arrive as the settings say."""
    if settings.is_demonstration:
        return "none, the simulator is asked"
    info = await asyncio.to_thread(_ask, settings, "getWebhookInfo")
    host, waiting = urlsplit(info["url"]).hostname, f"updates waiting: {info['pending_update_count']}"
    expected = webhook_address(settings)
    if not expected:
        return f"{host} has one; it is removed when the desk polls; {waiting}" if host else f"none; {waiting}"
    if info["url"] != expected:
        raise RuntimeError(f"Telegram brings updates to {host or 'nobody'}; start the role poll; {waiting}")
    if time.time() - info.get("last_error_date", 0) < FRESH_SECONDS:
        raise RuntimeError(f"Telegram could not bring an update: {info.get('last_error_message')}; {waiting}")
    return f"Telegram brings updates to {host}; {waiting}"


def _ask(settings: Settings, method: str) -> dict[str, Any]:
    url = f"{settings.telegram_api_url}/bot{settings.bot_token}/{method}"
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - the setting allows http and https only
            result: dict[str, Any] = json.load(response)["result"]
            return result
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"Telegram refuses the token (HTTP {error.code})") from None
    except (urllib.error.URLError, TimeoutError) as error:
        raise RuntimeError(
            f"{settings.telegram_api_url} does not answer: {getattr(error, 'reason', error)}"
        ) from None


async def _mail(settings: Settings) -> str:
    if not settings.smtp_url:
        return "the simulator's mailbox" if settings.is_demonstration else "no SMTP_URL: mail is held in the panel"
    parts = urlsplit(settings.smtp_url)
    client = aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port,
        use_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "smtp+starttls",
        timeout=10,
    )
    async with client:
        await client.noop()
    return f"{parts.hostname} answers"


async def _scanner(settings: Settings) -> str:
    if not settings.clamav_socket:
        return "no CLAMAV_SOCKET: files are labelled, not scanned"
    await Scanner(settings.clamav_socket).ping()
    return f"{settings.clamav_socket} answers"


async def _disk(settings: Settings) -> str:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(Path(folder)).free
    if free < ENOUGH_DISK:
        raise RuntimeError(f"only {free // 1_000_000} MB are free at {folder}")
    return f"{free // 1_000_000} MB free"
