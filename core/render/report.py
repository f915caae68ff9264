"""Everything a technical report says, frozen at the closing as plain values."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.i18n import Translator
from core.render.office import Reachable


class Speaker(StrEnum):
    """Whose line of the timeline it is; an event (state, call) has nobody's words."""

    CUSTOMER = "customer"
    DESK = "desk"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class DeskCard(Reachable):
    """How the desk signs; what it has not given is empty. ``logo`` is the SHA-256 of a PNG."""

    name: str
    email: str = ""
    phone: str = ""
    url: str = ""
    address: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A message or an event a customer may see, never an internal note. ``what`` is the whole text."""

    at: datetime
    who: str
    what: str
    speaker: Speaker = Speaker.EVENT


@dataclass(frozen=True, slots=True)
class ReportedCall:
    """A call attempt; ``outcome`` in words, ``phone`` empty if nobody noted it."""

    at: datetime
    phone: str
    outcome: str
    technician: str


@dataclass(frozen=True, slots=True)
class ReportedFile:
    """A file of the ticket; ``size`` in bytes, None while it is not known."""

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSnapshot:
    """A closing as it was: moments aware, minutes integers, labels already in the language of the report.

    ``closure_number`` counts the closings of the ticket from 1. ``purchased_before`` and ``purchased_after``
    are None while nobody knows the balance. ``technical_hours`` is how many this closing issued.
    Snapshots of earlier days lack what stands last, with its default.
    """

    desk: DeskCard
    number: int
    subject: str
    service: str
    product: str
    company: str
    ruc: str
    opened_at: datetime
    closed_at: datetime
    opened_by: str
    technicians: tuple[str, ...]
    description: str
    timeline: tuple[TimelineEntry, ...]
    calls: tuple[ReportedCall, ...]
    files: tuple[ReportedFile, ...]
    cause: str
    solution: str
    closure: str
    closure_number: int
    real_minutes: int
    charged_minutes: int
    bag_before: int
    bag_after: int
    technical_hours: int
    purchased_before: int | None
    purchased_after: int | None
    bagged_minutes: int = 0
    is_overdraft: bool = False
    carried_minutes: int = 0
    link: str = ""

    @property
    def debited_minutes(self) -> int:
        """What the purchased hours gave."""
        return (self.purchased_before or 0) - (self.purchased_after or 0)


def to_json(snapshot: ReportSnapshot) -> dict[str, Any]:
    """The snapshot as it is stored: JSON values only, moments as ISO 8601 in UTC.

    Raises ValueError for a moment without a time zone.
    """
    plain: dict[str, Any] = _jsonable(asdict(snapshot))
    return plain


def from_json(stored: Mapping[str, Any]) -> ReportSnapshot:
    """The snapshot from what ``to_json`` made. Raises KeyError, TypeError or ValueError if it is not one."""
    values = dict(stored)
    for name in ("opened_at", "closed_at"):
        values[name] = datetime.fromisoformat(values[name])
    return ReportSnapshot(
        **values
        | {
            "desk": DeskCard(**values["desk"]),
            "technicians": tuple(values["technicians"]),
            "timeline": tuple(TimelineEntry(**_entry(row)) for row in values["timeline"]),
            "calls": tuple(ReportedCall(**_at(row)) for row in values["calls"]),
            "files": tuple(ReportedFile(**row) for row in values["files"]),
        }
    )


def snapshot_sha256(stored: Mapping[str, Any]) -> str:
    """The hash the report prints: SHA-256 of the JSON with sorted keys, no spaces, ASCII only."""
    canonical = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def file_name(snapshot: ReportSnapshot) -> str:
    """``informe-1042.pdf``, from the second closing on ``informe-1042-2.pdf``."""
    suffix = f"-{snapshot.closure_number}" if snapshot.closure_number > 1 else ""
    return f"informe-{snapshot.number}{suffix}.pdf"


def exact_minutes(minutes: int, t: Translator) -> str:
    """Minutes as they are charged, with the hours for the reader: ``15 min``, ``130 min (2 h 10 min)``."""
    return f"{minutes} min" if abs(minutes) < 60 else f"{minutes} min ({t.minutes(minutes)})"


def effects(snapshot: ReportSnapshot, t: Translator) -> list[str]:
    """What the closing did to the two accounts of the company, one sentence each; never empty."""
    return [*_effects(snapshot, t)] or [t("This closing does not affect your hours.")]


def _effects(snapshot: ReportSnapshot, t: Translator) -> Iterator[str]:
    before, after, hours = snapshot.bag_before, snapshot.bag_after, snapshot.technical_hours
    if hours or before != after:
        yield t(
            "Accumulated minutes: from %(before)s to %(after)s.",
            before=exact_minutes(before, t),
            after=exact_minutes(after, t),
        )
    if hours:
        yield t.plural("%(n)s technical hour to be invoiced.", "%(n)s technical hours to be invoiced.", hours)
    if snapshot.debited_minutes and snapshot.bagged_minutes:
        yield t(
            "The purchased hours did not suffice: %(debited)s came from them, and %(bagged)s are invoiced.",
            debited=exact_minutes(snapshot.debited_minutes, t),
            bagged=exact_minutes(snapshot.bagged_minutes, t),
        )
    had, left = snapshot.purchased_before, snapshot.purchased_after
    if had != left and had is not None and left is not None:
        yield t("Purchased hours: from %(before)s to %(after)s.", before=t.minutes(had), after=t.minutes(left))
    if snapshot.is_overdraft and left is not None:
        yield t(
            "Authorised overdraft: %(owed)s are owed until hours are purchased again.", owed=exact_minutes(-left, t)
        )


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {key: _jsonable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(part) for part in value]
    return value.value if isinstance(value, StrEnum) else value


def _at(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row["at"])}


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return _at(row) | {"speaker": Speaker(row["speaker"])}
