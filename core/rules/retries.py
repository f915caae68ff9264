"""What follows when a delivery or an update fails: the outcomes, and the next step for each."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_WAIT = timedelta(seconds=60)
TOKEN_WAIT = timedelta(seconds=30)
NO_WAIT = timedelta()

MAIL_LASTS = timedelta(days=1)  # what waited longer is news of yesterday: a person lets it go

FLOOD_LANES = 3
FLOOD_WINDOW = timedelta(seconds=10)

REPEATED = 20  # tries of a call that may be repeated: a quarter of an hour, in which Telegram answered other calls
INBOX_ATTEMPTS = 5
INBOX_WINDOW = timedelta(minutes=10)


class Outcome(StrEnum):
    """How a try to send failed."""

    NOT_SENT = "not_sent"  # name not resolved, connection refused, no connection in time
    REFUSED = "refused"  # 429
    DOUBTFUL = "doubtful"  # the request was written and no good answer read; a row found sending
    BAD_CONTENT = "bad_content"  # 400 for the text, its entities or the file
    BAD_CHAT = "bad_chat"  # 403, chat not found
    TOKEN = "token"  # noqa: S105 - 401


class Verdict(StrEnum):
    """The state a row has after the failure; the values are those of the outbox."""

    QUEUED = "queued"
    UNCERTAIN = "uncertain"
    PARKED = "parked"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of an outbox row, and how its next copy is sent.

    `mark_repeated`: the copy says that it may be one. `as_plain`: as plain text or document.
    `probe_first`: only after getMe has answered again. `stop_all`: every lane waits, and the desk is told.
    """

    state: Verdict
    wait: timedelta = NO_WAIT
    mark_repeated: bool = False
    as_plain: bool = False
    probe_first: bool = False
    stop_all: bool = False


@dataclass(frozen=True, slots=True)
class InboxNext:
    """What becomes of an inbox row: tried again after `wait`, or dead and shown to the desk."""

    is_dead: bool
    wait: timedelta = NO_WAIT


def backoff(attempt: int, *, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """The wait after the n-th try in a row that failed (from 1): 1, 2, 4 … seconds, at most a minute (`longest`)."""
    exponent = min(max(attempt, 1) - 1, 20)
    return min(timedelta(seconds=2**exponent), longest)


def after_failure(
    outcome: Outcome,
    *,
    doubts: int,
    content_retries: int,
    retry_after: float | None,
    attempts: int,
    idempotent: bool = False,
    ends: bool = False,
    longest: timedelta = LONGEST_WAIT,
) -> Next:
    """What follows a failed try.

    `doubts` and `content_retries` count what happened to the row before this try, `attempts` the tries made,
    this one included. `retry_after` is Telegram's, in seconds. `idempotent` are calls a repetition of which
    nobody sees (callback answers, edits, deletions, reactions; webhooks): they are repeated without counting a
    doubt. `ends`: not for ever, since what comes after them waits and is missed more.
    `longest` is the most a row waits for its turn.
    """
    is_doubt = outcome is Outcome.DOUBTFUL and not idempotent
    is_content = outcome is Outcome.BAD_CONTENT
    if outcome is Outcome.DOUBTFUL and ends and attempts >= REPEATED:
        return Next(Verdict.DEAD)
    verdict = _verdict(outcome, was_doubted=is_doubt and doubts > 0, was_plain=content_retries > 0)
    if verdict is not Verdict.QUEUED:
        return Next(verdict)
    return Next(
        Verdict.QUEUED,
        wait=_wait(outcome, retry_after=retry_after, attempts=attempts, longest=longest),
        mark_repeated=is_doubt or doubts > 0,
        as_plain=is_content or content_retries > 0,
        probe_first=outcome is Outcome.DOUBTFUL,
        stop_all=outcome is Outcome.TOKEN,
    )


def is_flood(refusals: Iterable[tuple[Hashable, datetime]], now: datetime) -> bool:
    """Whether so many lanes were refused (429) of late that everyone waits; pairs of lane and moment."""
    lanes = {lane for lane, at in refusals if now - at <= FLOOD_WINDOW}
    return len(lanes) >= FLOOD_LANES


def after_inbox_failure(
    attempts: int, first_failed_at: datetime, now: datetime, *, transient: bool = False
) -> InboxNext:
    """What follows when an update could not be worked off; `attempts` includes the one that just failed.

    `transient` is a failure of the infrastructure (database, disk): tried without end. Anything else is dead
    after 5 attempts or 10 minutes after `first_failed_at`: count both for such failures alone.
    """
    exhausted = attempts >= INBOX_ATTEMPTS or now - first_failed_at >= INBOX_WINDOW
    if exhausted and not transient:
        return InboxNext(is_dead=True)
    return InboxNext(is_dead=False, wait=backoff(attempts))


def _verdict(outcome: Outcome, *, was_doubted: bool, was_plain: bool) -> Verdict:
    table: Mapping[Outcome, Verdict] = {
        Outcome.NOT_SENT: Verdict.QUEUED,
        Outcome.REFUSED: Verdict.QUEUED,
        Outcome.DOUBTFUL: Verdict.UNCERTAIN if was_doubted else Verdict.QUEUED,
        Outcome.BAD_CONTENT: Verdict.DEAD if was_plain else Verdict.QUEUED,
        Outcome.BAD_CHAT: Verdict.PARKED,
        Outcome.TOKEN: Verdict.QUEUED,
    }
    return table[outcome]


def _wait(outcome: Outcome, *, retry_after: float | None, attempts: int, longest: timedelta) -> timedelta:
    if outcome is Outcome.REFUSED and retry_after is not None:
        return timedelta(seconds=max(retry_after, 0.0))
    table: Mapping[Outcome, timedelta] = {
        Outcome.BAD_CONTENT: NO_WAIT,
        Outcome.TOKEN: TOKEN_WAIT,
    }
    return table.get(outcome, backoff(attempts, longest=longest))
