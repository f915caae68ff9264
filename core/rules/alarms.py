"""What is trouble of the desk itself, and how grave."""

from enum import StrEnum


class AlarmKind(StrEnum):
    """One kind of trouble: open at most once at a time."""

    SILENT_POLLER = "silent_poller"
    SILENT_ROLE = "silent_role"
    TOKEN_ELSEWHERE = "token_elsewhere"  # noqa: S105 - no secret
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - no secret
    UPDATES_PENDING = "updates_pending"
    INBOX_STUCK = "inbox_stuck"
    INBOX_DEAD = "inbox_dead"
    OUTBOX_STUCK = "outbox_stuck"
    DELIVERIES_TROUBLED = "deliveries_troubled"
    MAIL_FAILING = "mail_failing"
    DISK_LOW = "disk_low"
    BACKUP_OLD = "backup_old"
    CLOCK_JUMPED = "clock_jumped"


class Level(StrEnum):
    WARNING = "warning"
    GRAVE = "grave"
