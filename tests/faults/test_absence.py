"""The checker on answers taken back and people who log out: what goes too far is found, what must be so is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.models import AuditEntry, DeliveryState
from tests.faults.case import ADA, MINUTE, THEN, Case, row
from tests.faults.findings import Kind
from tests.faults.told import Retracted


def retracted(case: Case) -> None:
    """Tom's question was taken back a minute after its push was sent, and has left the chat."""
    case.told.retracted.append(Retracted(1001, "¿Está encendida?"))
    case.found.articles[2].retracted_at = THEN + MINUTE
    case.found.chats[ADA][0]["deleted"] = True
    case.found.audit.append(AuditEntry(action="article.retracted", object="ticket 1001"))


def retraction_lost(case: Case) -> None:
    case.told.retracted.append(Retracted(1001, "¿Está encendida?"))


def retracted_by_nobody(case: Case) -> None:
    retracted(case)
    case.told.retracted.clear()


def said_after_its_retraction(case: Case) -> None:
    retracted(case)
    case.found.attempts[0].started_at = THEN + 2 * MINUTE


def said_elsewhere_after_its_retraction(case: Case) -> None:
    retracted(case)
    said = {"text": "#1001: ¿Está encendida?"}
    case.found.outbox[1].payload, case.found.journal[2]["params"] = said, said
    case.found.chats[ADA][1] |= said | {"deleted": True}
    case.found.attempts[1].started_at = THEN + 2 * MINUTE


def retracted_and_still_there(case: Case) -> None:
    retracted(case)
    case.found.chats[ADA][0]["deleted"] = False


def retracted_and_reported(case: Case) -> None:
    retracted(case)
    case.found.reports[0].created_at = THEN + 2 * MINUTE
    case.found.reports[0].snapshot = {"articles": ["¿Está encendida?"]}


def cancelled_for_nothing(case: Case) -> None:
    case.found.outbox[0].state = DeliveryState.CANCELLED


def logged_out(case: Case) -> None:
    case.told.left.append(ADA)
    case.found.bindings[0].ended_at = THEN + MINUTE


def log_out_lost(case: Case) -> None:
    case.told.left.append(ADA)


def words_after_the_end(case: Case) -> None:
    """About the ticket by its words only."""
    logged_out(case)
    case.found.outbox[1].ticket_id = None
    case.found.attempts[1].started_at = THEN + 2 * MINUTE


def report_kept_back(case: Case) -> None:
    case.found.bindings[0].verified_at = THEN - MINUTE
    case.found.outbox[2].report_id = None


SPOILED: tuple[tuple[Callable[[Case], None], Kind], ...] = (
    (retraction_lost, Kind.LOST),
    (retracted_by_nobody, Kind.OTHER),
    (said_after_its_retraction, Kind.OTHER),
    (said_elsewhere_after_its_retraction, Kind.OTHER),
    (retracted_and_still_there, Kind.OTHER),
    (retracted_and_reported, Kind.OTHER),
    (cancelled_for_nothing, Kind.LOST),
    (log_out_lost, Kind.LOST),
    (words_after_the_end, Kind.OTHER),
    (report_kept_back, Kind.LOST),
)


@pytest.mark.parametrize(("spoil", "kind"), SPOILED, ids=[spoil.__name__ for spoil, _ in SPOILED])
def test_what_is_wrong_is_found_under_its_name(spoil: Callable[[Case], None], kind: Kind):
    case = Case()
    spoil(case)
    assert case.kinds() == {kind}


@pytest.mark.parametrize("reason", [retracted, logged_out])
def test_what_was_retracted_or_waited_for_who_left_may_have_been_cancelled(reason: Callable[[Case], None]):
    case = Case()
    reason(case)
    assert not case.kinds()
    case.found.outbox[0].state = DeliveryState.CANCELLED
    case.found.attempts.pop(0)
    case.found.journal.pop(1)
    assert not case.kinds()


def test_what_was_on_its_way_as_it_was_retracted_may_arrive_once_and_is_deleted():
    case = Case()
    retracted(case)
    seconds = timedelta(seconds=1)
    case.found.attempts[0].started_at = THEN + MINUTE + seconds
    deletion = row(9, "", 0, edits_id=1)
    deletion.method, deletion.created_at = "deleteMessage", THEN + MINUTE + 2 * seconds
    case.found.outbox.append(deletion)
    assert not case.kinds()
    deletion.created_at = THEN + MINUTE
    assert case.kinds() == {Kind.OTHER}
