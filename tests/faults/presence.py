"""Who was bound to a company when: people log out and in again, and what goes on meanwhile is not for them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.models import Binding, OutboxRow
from tests.faults.evidence import Evidence
from tests.faults.told import Told

SLACK = timedelta(seconds=5)  # where transactions run beside each other, one may read what another is changing


def is_there(binding: Binding, moment: datetime, found: Evidence, told: Told) -> bool:
    """Whether nothing else can be than that the binding was in force at that moment."""
    if not told.is_clock_right:
        return binding.ended_at is None and len(of_person(found, binding)) == 1
    slack = timedelta() if found.one_writer else SLACK
    return binding.since + slack <= moment and (binding.ended_at is None or moment + slack < binding.ended_at)


def of_person(found: Evidence, binding: Binding) -> list[Binding]:
    """All there were of the same person with the same company."""
    mine = (binding.person_id, binding.company_id)
    return [one for one in found.bindings if (one.person_id, one.company_id) == mine]


def has_left_since(row: OutboxRow, bindings: Iterable[Binding], told: Told) -> bool:
    """Whether a log-out came after the delivery was put, so that it was rightly cancelled."""
    ends = [binding.ended_at for binding in bindings if binding.ended_at is not None]
    return any(row.created_at <= ended_at + SLACK or not told.is_clock_right for ended_at in ends)


def left_at(binding: Binding, chat: int, found: Evidence) -> datetime | None:
    """When nothing more may begin to go: the farewell is put last in the transaction that ends the binding."""
    if binding.ended_at is None:
        return None
    said = [
        row.created_at
        for row in found.outbox
        if row.lane == str(chat) and row.ticket_id is row.company_id is None and row.created_at >= binding.ended_at
    ]
    return min(said, default=binding.ended_at)
