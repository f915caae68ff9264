"""Retries: the outcome table in full, and the two or fewer copies it promises."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.retries import (
    REPEATED,
    InboxNext,
    Next,
    Outcome,
    Verdict,
    after_failure,
    after_inbox_failure,
    backoff,
    is_flood,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def fails(outcome, *, doubts=0, content_retries=0, retry_after=None, attempts=1, idempotent=False, ends=False):
    return after_failure(
        outcome,
        doubts=doubts,
        content_retries=content_retries,
        retry_after=retry_after,
        attempts=attempts,
        idempotent=idempotent,
        ends=ends,
    )


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(-1, 1), (0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (10_000_000, 60)],
)
def test_waits_double_from_a_second_to_a_minute(attempt, seconds):
    assert backoff(attempt) == seconds * SECOND


@pytest.mark.parametrize(
    ("outcome", "following"),
    [
        (Outcome.NOT_SENT, Next(Verdict.QUEUED, 4 * SECOND)),
        (Outcome.REFUSED, Next(Verdict.QUEUED, 7 * SECOND)),
        (Outcome.DOUBTFUL, Next(Verdict.QUEUED, 4 * SECOND, mark_repeated=True, probe_first=True)),
        (Outcome.BAD_CONTENT, Next(Verdict.QUEUED, 0 * SECOND, as_plain=True)),
        (Outcome.BAD_CHAT, Next(Verdict.PARKED)),
        (Outcome.TOKEN, Next(Verdict.QUEUED, 30 * SECOND, stop_all=True)),
    ],
)
def test_the_first_failure_of_each_kind(outcome, following):
    assert fails(outcome, attempts=3, retry_after=7) == following


def test_what_may_be_repeated_does_not_hold_up_its_chat_for_ever():
    may_end = {"idempotent": True, "ends": True}
    verdicts = [fails(Outcome.DOUBTFUL, attempts=tries, **may_end).state for tries in range(1, REPEATED + 1)]
    assert verdicts == [Verdict.QUEUED] * (REPEATED - 1) + [Verdict.DEAD]
    assert fails(Outcome.NOT_SENT, attempts=REPEATED, **may_end).state is Verdict.QUEUED, "an outage"
    assert fails(Outcome.DOUBTFUL, attempts=REPEATED, idempotent=True).state is Verdict.QUEUED, "a webhook"


@pytest.mark.parametrize(
    ("outcome", "doubts", "content_retries", "idempotent"),
    list(product(Outcome, (0, 1, 2), (0, 1, 2), (False, True))),
)
def test_the_whole_table(outcome, doubts, content_retries, idempotent):
    following = fails(outcome, doubts=doubts, content_retries=content_retries, idempotent=idempotent)
    if outcome is Outcome.BAD_CHAT:
        expected = Verdict.PARKED
    elif outcome is Outcome.DOUBTFUL and doubts and not idempotent:
        expected = Verdict.UNCERTAIN
    elif outcome is Outcome.BAD_CONTENT and content_retries:
        expected = Verdict.DEAD
    else:
        expected = Verdict.QUEUED
    assert following.state is expected
    if expected is not Verdict.QUEUED:
        assert following == Next(expected)
        return
    doubted = bool(doubts) or (outcome is Outcome.DOUBTFUL and not idempotent)
    assert following.mark_repeated is doubted
    assert following.as_plain is (outcome is Outcome.BAD_CONTENT or bool(content_retries))
    assert following.probe_first is (outcome is Outcome.DOUBTFUL)
    assert following.stop_all is (outcome is Outcome.TOKEN)


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [(3, 3 * SECOND), (0.5, SECOND / 2), (3600, 3600 * SECOND), (-1, 0 * SECOND), (None, 8 * SECOND)],
)
def test_telegram_says_how_long_to_wait(retry_after, wait):
    assert fails(Outcome.REFUSED, retry_after=retry_after, attempts=4).wait == wait


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.REFUSED}))
def test_only_a_refusal_has_a_retry_after(outcome):
    assert fails(outcome, retry_after=500).wait < 500 * SECOND


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REFUSED, Outcome.TOKEN])
def test_an_outage_never_drains_the_queue(outcome):
    assert fails(outcome, attempts=1_000_000).state is Verdict.QUEUED


@given(st.lists(st.sampled_from(Outcome), max_size=60))
def test_at_most_two_copies_can_have_arrived(outcomes):
    doubts = plain = 0
    for attempts, outcome in enumerate(outcomes, start=1):
        following = fails(outcome, doubts=doubts, content_retries=plain, attempts=attempts)
        doubts += outcome is Outcome.DOUBTFUL
        plain += outcome is Outcome.BAD_CONTENT
        if following.state is not Verdict.QUEUED:
            break
        assert following.mark_repeated is (doubts > 0)
    assert doubts <= 2
    assert plain <= 2


@pytest.mark.parametrize(
    ("refusals", "flood"),
    [
        ([], False),
        ([(1, 0), (2, 1)], False),
        ([(1, 0), (1, 1), (2, 2)], False),
        ([(1, 0), (2, 1), (3, 10)], True),
        ([(1, 0), (2, 1), (3, 11)], False),
    ],
)
def test_three_lanes_refused_within_ten_seconds_stop_everyone(refusals, flood):
    moments = [(lane, NOON + second * SECOND) for lane, second in refusals]
    now = max((at for _, at in moments), default=NOON)
    assert is_flood(moments, now) is flood


@pytest.mark.parametrize("transient", [True, False])
@pytest.mark.parametrize("attempts", range(1, 9))
@pytest.mark.parametrize("minutes", [0, 9.99, 10, 600])
def test_a_poison_update_dies_and_an_outage_does_not(attempts, minutes, transient):
    now = NOON + timedelta(minutes=minutes)
    following = after_inbox_failure(attempts, NOON, now, transient=transient)
    if not transient and (attempts >= 5 or minutes >= 10):
        assert following == InboxNext(is_dead=True)
    else:
        assert following == InboxNext(is_dead=False, wait=backoff(attempts))


def test_poison_is_before_the_desk_within_a_minute():
    now, attempts = NOON, 1
    while not (following := after_inbox_failure(attempts, NOON, now)).is_dead:
        now, attempts = now + following.wait, attempts + 1
    assert attempts == 5
    assert now - NOON <= timedelta(minutes=1)
