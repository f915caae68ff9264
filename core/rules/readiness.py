"""Whether the desk can do its work right now, finding by finding, for whoever watches the machine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from core.rules.alarms import ENOUGH_DISK, STUCK, Facts

HEARD_WITHIN = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, in words that tell nothing about customers."""

    what: str
    is_well: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def unreadable() -> Finding:
    return Finding("facts", is_well=False, says="the database does not answer")


def database(*, takes_writes: bool) -> Finding:
    says = "takes writes" if takes_writes else "did not take a write in time"
    return Finding("database", is_well=takes_writes, says=says)


def findings(facts: Facts, now: datetime) -> Sequence[Finding]:
    """What the facts say, the good and the bad."""
    heard = {**facts.roles, "poll": facts.polled_at}
    found = [_heard(role, at, now) for role, at in sorted(heard.items())]
    found += [_row("inbox", facts.inbox_since, now), _row("outbox", facts.outbox_since, now)]
    return [*found, _disk(facts.disk_free)]


def _heard(role: str, at: datetime | None, now: datetime) -> Finding:
    if at is None:
        return Finding(role, is_well=False, says="was never heard of")
    if at - now > HEARD_WITHIN:  # the clock was set back, and it has done nothing since
        return Finding(role, is_well=False, says=f"last heard of {_seconds(at - now)} s ahead of the clock")
    age = _seconds(now - at)
    return Finding(role, is_well=age <= HEARD_WITHIN.total_seconds(), says=f"last heard of {age} s ago")


def _row(queue: str, since: datetime | None, now: datetime) -> Finding:
    if since is None:
        return Finding(queue, is_well=True, says="nothing waits")
    return Finding(queue, is_well=now - since < STUCK, says=f"the oldest row waits since {_seconds(now - since)} s")


def _disk(free: int | None) -> Finding:
    if free is None:
        return Finding("disk", is_well=False, says="the data folder cannot be read")
    return Finding("disk", is_well=free >= ENOUGH_DISK, says=f"{free // 1_000_000} MB free")


def _seconds(age: timedelta) -> int:
    # a clock that was set back makes no negative ages
    return max(0, round(age.total_seconds()))
