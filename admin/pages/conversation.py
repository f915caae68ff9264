"""The story of a ticket in one line of time: articles, and between them what happened."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from core.i18n import Translator
from core.queries.dossier import Dossier, Push, merged
from core.queries.thread import Event

_SAME_MOMENT = timedelta(seconds=1)  # one transaction reads the clock several times


@dataclass(frozen=True, slots=True)
class Entry:
    """``item`` is an article, event, call or time entry, as ``kind`` says; ``pushes`` are the notices an event
    caused, one per recipient."""

    at: datetime
    kind: str
    item: object
    pushes: Sequence[Push] = ()


@dataclass(frozen=True, slots=True)
class Day:
    date: str
    entries: Sequence[Entry]


def days(dossier: Dossier, t: Translator) -> list[Day]:
    """The entries in order of time, by the reader's date."""
    entries = sorted(_entries(dossier), key=lambda entry: entry.at)
    return [Day(date, list(group)) for date, group in groupby(entries, key=lambda entry: t.date(entry.at))]


def _entries(dossier: Dossier) -> Iterator[Entry]:
    notices = _by_event(dossier)
    for article in dossier.articles:
        yield Entry(article.created_at, "article", article)
    for event in dossier.events:
        yield Entry(event.at, "event", event, merged(notices.get(event.id, ())))
    for call in dossier.calls:
        yield Entry(call.at, "call", call)
    for entry in dossier.times:
        yield Entry(entry.at, "time", entry)


def _by_event(dossier: Dossier) -> Mapping[int, Sequence[Push]]:
    """A notice without an article belongs to the last event before it."""
    found: dict[int, list[Push]] = defaultdict(list)
    for push in dossier.notices:
        cause = _cause(dossier.events, push)
        if cause is not None:
            found[cause.id].append(push)
    return found


def _cause(events: Sequence[Event], push: Push) -> Event | None:
    before = [event for event in events if event.at <= push.created_at + _SAME_MOMENT]
    return before[-1] if before else (events[0] if events else None)
