"""What is trouble, from when on, how grave – and what is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.rules.alarms import RULES, AlarmKind, Facts, Level, troubles
from core.rules.readiness import findings

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


WELL = Facts(
    started_at=LONG_AGO,
    polled_at=ago(seconds=20),
    roles={"work": ago(seconds=5), "send": ago(seconds=5), "tick": ago(seconds=20)},
    disk_free=9_000_000_000,
    backup_at=ago(hours=1),
    has_backups=True,
)

# What is different, whether it is trouble and how grave.
CASES: list[tuple[str, dict, dict[AlarmKind, Level]]] = [
    ("a slow poll", {"polled_at": ago(minutes=4)}, {}),
    ("no poll", {"polled_at": ago(minutes=5)}, {AlarmKind.SILENT_POLLER: Level.WARNING}),
    ("no poll for an hour", {"polled_at": ago(hours=1)}, {AlarmKind.SILENT_POLLER: Level.GRAVE}),
    ("never a poll", {"polled_at": None}, {AlarmKind.SILENT_POLLER: Level.GRAVE}),
    ("just started after a weekend", {"polled_at": LONG_AGO, "started_at": ago(minutes=1)}, {}),
    ("a role", {"roles": {"send": ago(minutes=3), "work": NOW}}, {AlarmKind.SILENT_ROLE: Level.GRAVE}),
    ("a role that never was", {"roles": {"send": None}}, {AlarmKind.SILENT_ROLE: Level.GRAVE}),
    ("a role not yet heard of", {"roles": {"send": None}, "started_at": ago(minutes=1), "polled_at": NOW}, {}),
    ("409", {"conflict_at": ago(seconds=60)}, {AlarmKind.TOKEN_ELSEWHERE: Level.WARNING}),
    ("409 of yesterday", {"conflict_at": ago(hours=20)}, {}),
    ("401", {"refused_at": ago(seconds=10)}, {AlarmKind.TOKEN_REFUSED: Level.GRAVE}),
    ("401, then well", {"refused_at": ago(seconds=30)}, {}),
    ("pending", {"pending": 30, "pending_since": ago(minutes=5)}, {AlarmKind.UPDATES_PENDING: Level.WARNING}),
    ("pending for long", {"pending": 30, "pending_since": ago(hours=2)}, {AlarmKind.UPDATES_PENDING: Level.GRAVE}),
    ("a rush", {"pending": 3000, "pending_since": ago(minutes=4)}, {}),
    ("inbox", {"inbox_since": ago(minutes=10)}, {AlarmKind.INBOX_STUCK: Level.WARNING}),
    ("inbox for long", {"inbox_since": ago(hours=1)}, {AlarmKind.INBOX_STUCK: Level.GRAVE}),
    ("outbox", {"outbox_since": ago(minutes=10)}, {AlarmKind.OUTBOX_STUCK: Level.WARNING}),
    ("outbox in time", {"outbox_since": ago(minutes=9)}, {}),
    ("mail", {"mail_since": ago(minutes=10)}, {AlarmKind.MAIL_FAILING: Level.WARNING}),
    ("mail for long", {"mail_since": ago(hours=1)}, {AlarmKind.MAIL_FAILING: Level.GRAVE}),
    ("a webhook fails", {"webhook_since": ago(minutes=59)}, {}),
    ("a webhook fails for long", {"webhook_since": ago(hours=1)}, {AlarmKind.WEBHOOK_FAILING: Level.WARNING}),
    ("a webhook is off", {"webhook_off_since": ago(hours=90)}, {AlarmKind.WEBHOOK_OFF: Level.WARNING}),
    ("dead", {"inbox_dead": 2, "inbox_dead_since": ago(hours=1)}, {AlarmKind.INBOX_DEAD: Level.WARNING}),
    ("an album", {"album_since": ago(minutes=10)}, {AlarmKind.ALBUM_STUCK: Level.WARNING}),
    ("an album in time", {"album_since": ago(seconds=10)}, {}),
    ("failed", {"troubled": 1, "troubled_since": ago(hours=1)}, {AlarmKind.DELIVERIES_TROUBLED: Level.WARNING}),
    ("disk", {"disk_free": 499_000_000}, {AlarmKind.DISK_LOW: Level.WARNING}),
    ("disk at its end", {"disk_free": 99_000_000}, {AlarmKind.DISK_LOW: Level.GRAVE}),
    ("disk unknown", {"disk_free": None}, {}),
    ("a late backup", {"backup_at": ago(hours=2)}, {}),
    ("no backup", {"backup_at": ago(hours=3)}, {AlarmKind.BACKUP_OLD: Level.WARNING}),
    ("no backup for long", {"backup_at": ago(hours=24)}, {AlarmKind.BACKUP_OLD: Level.GRAVE}),
    ("never a backup", {"backup_at": None}, {AlarmKind.BACKUP_OLD: Level.GRAVE}),
    ("just started, last backup long ago", {"backup_at": LONG_AGO, "started_at": ago(minutes=1)}, {}),
    ("no backup wanted", {"backup_at": None, "has_backups": False}, {}),
    ("a jump", {"jump_at": ago(minutes=59), "jump_seconds": -86400}, {AlarmKind.CLOCK_JUMPED: Level.WARNING}),
    ("a jump of yesterday", {"jump_at": ago(days=1), "jump_seconds": 90}, {}),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_trouble(changes: dict, expected: dict[AlarmKind, Level]):
    found = troubles(replace(WELL, **changes), NOW)
    assert {trouble.kind: trouble.level for trouble in found} == expected


def test_every_kind_has_its_rule_and_a_case_that_raises_it():
    assert set(RULES) == set(AlarmKind)
    assert {kind for _, _, expected in CASES for kind in expected} == set(AlarmKind)


def test_the_gravest_comes_first():
    facts = replace(WELL, conflict_at=NOW, disk_free=5)
    assert [trouble.kind for trouble in troubles(facts, NOW)] == [AlarmKind.DISK_LOW, AlarmKind.TOKEN_ELSEWHERE]


def test_a_trouble_says_since_when():
    since = ago(hours=30)
    (trouble,) = troubles(replace(WELL, outbox_since=since), NOW)
    assert trouble.since == since
    (trouble,) = troubles(replace(WELL, polled_at=ago(minutes=7)), NOW)
    assert trouble.since == ago(minutes=7)


def test_a_clock_that_was_set_back_makes_no_alarm_of_its_own():
    future = {
        "polled_at": NOW + timedelta(days=1),
        "inbox_since": NOW + timedelta(days=1),
        "backup_at": NOW + timedelta(days=1),
    }
    assert troubles(replace(WELL, **future), NOW) == []
    assert all("-" not in finding.says for finding in findings(replace(WELL, **future), NOW))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"polled_at": ago(seconds=91)}, "poll"),
        ({"polled_at": None}, "poll"),
        ({"roles": {"work": ago(seconds=91)}}, "work"),
        ({"roles": {"tick": NOW + timedelta(days=1)}}, "tick"),
        ({"inbox_since": ago(minutes=10)}, "inbox"),
        ({"outbox_since": ago(minutes=10)}, "outbox"),
        ({"disk_free": 1}, "disk"),
        ({"disk_free": None}, "disk"),
    ],
)
def test_what_is_not_ready(changes: dict, what: str):
    assert [finding.what for finding in findings(replace(WELL, **changes), NOW) if not finding.is_well] == [what]


def test_a_desk_that_is_well_is_ready():
    assert all(finding.is_well for finding in findings(WELL, NOW))
