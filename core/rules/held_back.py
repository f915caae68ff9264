"""Since when Telegram has held updates back: its accounts of the bot in, one after the other, a moment out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILS_FOR = timedelta(minutes=3)  # Telegram tries an update that it could not bring again within two


@dataclass(frozen=True, slots=True)
class Account:
    """``pending`` updates wait at Telegram, which failed to bring one at ``failed_at``; ``stored_at`` is ours."""

    pending: int
    failed_at: datetime | None = None
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Since ``since`` nothing got better; ``least`` is the fewest that waited meanwhile."""

    since: datetime
    least: int
    stored_at: datetime | None


def held(account: Account, before: Held | None, now: datetime) -> Held | None:
    """None when nothing waits. How many wait says little: ten a day are few, and all of a small desk."""
    if not account.pending:
        return None
    if before is None or _gets_on(account, before, now):
        return Held(now, account.pending, account.stored_at)
    return Held(before.since, min(before.least, account.pending), account.stored_at)


def _gets_on(account: Account, before: Held, now: datetime) -> bool:
    """A flood is worked off while something comes in, unless one chat's updates fail beside those of the others."""
    if account.stored_at == before.stored_at:
        return False
    is_failing = account.failed_at is not None and now - account.failed_at < FAILS_FOR
    return not is_failing or account.pending < before.least
