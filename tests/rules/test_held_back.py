"""A flood that is worked off, a desk that Telegram cannot reach, and what lies between."""

from datetime import UTC, datetime, timedelta

import pytest

from core.rules.held_back import Account, Held, held

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
LATELY, LONG_AGO = NOW - timedelta(seconds=20), NOW - timedelta(minutes=9)
BEFORE = Held(since=LONG_AGO, least=4, stored_at=LONG_AGO)


def test_nothing_that_waits_is_nothing_held_back():
    assert held(Account(0, failed_at=LATELY), BEFORE, NOW) is None
    assert held(Account(1), None, NOW) == Held(NOW, 1, None)


@pytest.mark.parametrize(
    ("account", "gets_on"),
    [
        (Account(9, stored_at=LONG_AGO), False),
        (Account(3, stored_at=LONG_AGO), False),  # they are not stored, they are too old
        (Account(900, stored_at=LATELY), True),
        (Account(900, stored_at=LATELY, failed_at=LONG_AGO), True),
        (Account(4, stored_at=LATELY, failed_at=LATELY), False),
        (Account(3, stored_at=LATELY, failed_at=LATELY), True),
    ],
)
def test_it_gets_on_while_updates_come_in_and_none_fails_for_long(account: Account, *, gets_on: bool):
    after = held(account, BEFORE, NOW)
    assert after is not None
    assert (after.since == NOW) is gets_on


def test_one_chat_that_fails_does_not_hide_behind_the_coming_and_going_of_the_others():
    state = None
    for minute, pending in enumerate((3, 1, 4, 2, 1, 3, 1)):
        moment = NOW + timedelta(minutes=minute)
        state = held(Account(pending, failed_at=moment, stored_at=moment), state, moment)
    assert state is not None
    assert state.since == NOW + timedelta(minutes=1)
