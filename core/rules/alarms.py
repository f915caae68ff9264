"""What is trouble of the desk itself, and how grave: facts and the moment in, troubles out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules.webhooks import ALARM_AFTER


class AlarmKind(StrEnum):
    """One kind of trouble: open at most once at a time."""

    SILENT_POLLER = "silent_poller"
    SILENT_ROLE = "silent_role"
    TOKEN_ELSEWHERE = "token_elsewhere"  # noqa: S105 - no secret
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - no secret
    UPDATES_PENDING = "updates_pending"
    INBOX_STUCK = "inbox_stuck"
    INBOX_DEAD = "inbox_dead"
    ALBUM_STUCK = "album_stuck"
    OUTBOX_STUCK = "outbox_stuck"
    DELIVERIES_TROUBLED = "deliveries_troubled"
    MAIL_FAILING = "mail_failing"
    WEBHOOK_FAILING = "webhook_failing"
    WEBHOOK_OFF = "webhook_off"
    DISK_LOW = "disk_low"
    BACKUP_OLD = "backup_old"
    CLOCK_JUMPED = "clock_jumped"


class Level(StrEnum):
    WARNING = "warning"
    GRAVE = "grave"


SILENCE, LONG_SILENCE = timedelta(minutes=5), timedelta(hours=1)
ROLE_SILENCE = timedelta(minutes=3)
REFUSAL_LASTS = timedelta(minutes=2)  # the poller asks again every 30 to 60 s
PENDING_FOR = timedelta(minutes=5)
STUCK, LONG_STUCK = timedelta(minutes=10), timedelta(hours=1)
ENOUGH_DISK, LAST_DISK = 500_000_000, 100_000_000
JUMP_SHOWN = timedelta(hours=1)
BACKUP_LATE, NO_BACKUP = timedelta(hours=3), timedelta(hours=24)  # one is due every hour

# An alarm ends once its cause has been away for so long: what comes and goes is one trouble, not twenty.
QUIET = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Facts:
    """How the desk is. Moments are None for what never happened, ``…_at`` the last time, ``…_since`` the oldest.

    ``polled_at``: Telegram answered, when it was asked for updates or, with a webhook, for what it holds.
    ``started_at`` is the watcher's own start: what was silent while nobody watched is no trouble yet.
    ``disk_free`` is in bytes, None where it cannot be told; ``has_backups``: some are wanted.
    """

    started_at: datetime
    polled_at: datetime | None = None
    conflict_at: datetime | None = None
    refused_at: datetime | None = None
    roles: Mapping[str, datetime | None] = field(default_factory=dict)
    pending: int = 0
    pending_since: datetime | None = None
    inbox_since: datetime | None = None
    inbox_dead: int = 0
    inbox_dead_since: datetime | None = None
    album_since: datetime | None = None
    outbox_since: datetime | None = None
    mail_since: datetime | None = None
    webhook_since: datetime | None = None
    webhook_off_since: datetime | None = None
    troubled: int = 0
    troubled_since: datetime | None = None
    disk_free: int | None = None
    backup_at: datetime | None = None
    has_backups: bool = False
    jump_at: datetime | None = None
    jump_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong since then; ``detail`` are the numbers and names its words need."""

    kind: AlarmKind
    level: Level
    since: datetime
    detail: Mapping[str, int | str] = field(default_factory=dict)


def troubles(facts: Facts, now: datetime) -> Sequence[Trouble]:
    """All that is wrong, gravest first, each kind at most once."""
    found = [trouble for kind in AlarmKind if (trouble := RULES[kind](facts, now)) is not None]
    return sorted(found, key=lambda trouble: trouble.level is not Level.GRAVE)


def _silent_poller(facts: Facts, now: datetime) -> Trouble | None:
    since = max(facts.polled_at or facts.started_at, facts.started_at)
    if now - since < SILENCE:
        return None
    return Trouble(AlarmKind.SILENT_POLLER, _graver(now - since, LONG_SILENCE), facts.polled_at or since)


def _silent_role(facts: Facts, now: datetime) -> Trouble | None:
    heard = {role: max(at or facts.started_at, facts.started_at) for role, at in facts.roles.items()}
    silent = sorted(role for role, at in heard.items() if now - at >= ROLE_SILENCE)
    if not silent:
        return None
    since = min(facts.roles[role] or facts.started_at for role in silent)
    return Trouble(AlarmKind.SILENT_ROLE, Level.GRAVE, since, {"roles": ", ".join(silent)})


def _token_elsewhere(facts: Facts, now: datetime) -> Trouble | None:
    at = facts.conflict_at
    return Trouble(AlarmKind.TOKEN_ELSEWHERE, Level.WARNING, at) if at and now - at < REFUSAL_LASTS else None


def _token_refused(facts: Facts, now: datetime) -> Trouble | None:
    at = facts.refused_at
    if at is None or now - at >= REFUSAL_LASTS or (facts.polled_at and facts.polled_at > at):
        return None
    return Trouble(AlarmKind.TOKEN_REFUSED, Level.GRAVE, at)


def _updates_pending(facts: Facts, now: datetime) -> Trouble | None:
    since = facts.pending_since
    if since is None or now - since < PENDING_FOR:
        return None
    detail = {"n": facts.pending}
    return Trouble(AlarmKind.UPDATES_PENDING, _graver(now - since, LONG_SILENCE), since, detail)


def _inbox_stuck(facts: Facts, now: datetime) -> Trouble | None:
    return _stuck(AlarmKind.INBOX_STUCK, facts.inbox_since, now)


def _outbox_stuck(facts: Facts, now: datetime) -> Trouble | None:
    return _stuck(AlarmKind.OUTBOX_STUCK, facts.outbox_since, now)


def _mail_failing(facts: Facts, now: datetime) -> Trouble | None:
    return _stuck(AlarmKind.MAIL_FAILING, facts.mail_since, now)


def _webhook_failing(facts: Facts, now: datetime) -> Trouble | None:
    since = facts.webhook_since
    if since is None or now - since < ALARM_AFTER:
        return None
    return Trouble(AlarmKind.WEBHOOK_FAILING, Level.WARNING, since)


def _webhook_off(facts: Facts, now: datetime) -> Trouble | None:
    since = facts.webhook_off_since
    return Trouble(AlarmKind.WEBHOOK_OFF, Level.WARNING, since) if since is not None else None


def _inbox_dead(facts: Facts, now: datetime) -> Trouble | None:
    if not facts.inbox_dead:
        return None
    return Trouble(AlarmKind.INBOX_DEAD, Level.WARNING, facts.inbox_dead_since or now, {"n": facts.inbox_dead})


def _album_stuck(facts: Facts, now: datetime) -> Trouble | None:
    return _stuck(AlarmKind.ALBUM_STUCK, facts.album_since, now)


def _deliveries_troubled(facts: Facts, now: datetime) -> Trouble | None:
    if not facts.troubled:
        return None
    return Trouble(AlarmKind.DELIVERIES_TROUBLED, Level.WARNING, facts.troubled_since or now, {"n": facts.troubled})


def _disk_low(facts: Facts, now: datetime) -> Trouble | None:
    if facts.disk_free is None or facts.disk_free >= ENOUGH_DISK:
        return None
    level = Level.GRAVE if facts.disk_free < LAST_DISK else Level.WARNING
    return Trouble(AlarmKind.DISK_LOW, level, now, {"megabytes": facts.disk_free // 1_000_000})


def _backup_old(facts: Facts, now: datetime) -> Trouble | None:
    since = max(facts.backup_at or facts.started_at, facts.started_at)
    if not facts.has_backups or now - since < BACKUP_LATE:
        return None
    return Trouble(AlarmKind.BACKUP_OLD, _graver(now - since, NO_BACKUP), facts.backup_at or since)


def _clock_jumped(facts: Facts, now: datetime) -> Trouble | None:
    at = facts.jump_at
    if at is None or now - at >= JUMP_SHOWN:
        return None
    return Trouble(AlarmKind.CLOCK_JUMPED, Level.WARNING, at, {"minutes": round(facts.jump_seconds / 60)})


def _stuck(kind: AlarmKind, since: datetime | None, now: datetime) -> Trouble | None:
    if since is None or now - since < STUCK:
        return None
    return Trouble(kind, _graver(now - since, LONG_STUCK), since)


def _graver(age: timedelta, limit: timedelta) -> Level:
    return Level.GRAVE if age >= limit else Level.WARNING


RULES: Mapping[AlarmKind, Callable[[Facts, datetime], Trouble | None]] = {
    AlarmKind.SILENT_POLLER: _silent_poller,
    AlarmKind.SILENT_ROLE: _silent_role,
    AlarmKind.TOKEN_ELSEWHERE: _token_elsewhere,
    AlarmKind.TOKEN_REFUSED: _token_refused,
    AlarmKind.UPDATES_PENDING: _updates_pending,
    AlarmKind.INBOX_STUCK: _inbox_stuck,
    AlarmKind.INBOX_DEAD: _inbox_dead,
    AlarmKind.ALBUM_STUCK: _album_stuck,
    AlarmKind.OUTBOX_STUCK: _outbox_stuck,
    AlarmKind.DELIVERIES_TROUBLED: _deliveries_troubled,
    AlarmKind.MAIL_FAILING: _mail_failing,
    AlarmKind.WEBHOOK_FAILING: _webhook_failing,
    AlarmKind.WEBHOOK_OFF: _webhook_off,
    AlarmKind.DISK_LOW: _disk_low,
    AlarmKind.BACKUP_OLD: _backup_old,
    AlarmKind.CLOCK_JUMPED: _clock_jumped,
}
