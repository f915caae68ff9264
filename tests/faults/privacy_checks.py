"""Who may know what: no internal note outside, nothing into chats that were not bound then, no secret anywhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from core.models import Binding, Channel, DeliveryState, OutboxRow
from tests.faults.evidence import Evidence
from tests.faults.findings import Finding, Findings, Kind
from tests.faults.presence import left_at
from tests.faults.told import Told


def notes(found: Evidence, told: Told) -> Findings:
    """I7: no internal note in a chat, a call, a mail, a report, nor in the log."""
    outside = [*_outside(found), *(str(report.snapshot) for report in found.reports), *found.logs.values()]
    for replied in told.replied:
        token = replied.text.split(" ")[0]
        if replied.is_note and any(token in text for text in outside):
            yield Finding(Kind.OTHER, f"the internal note «{token}» left the desk")


def _outside(found: Evidence) -> Iterator[str]:
    """Everything that left the desk, as it left."""
    for messages in found.chats.values():
        yield from (json.dumps(message, ensure_ascii=False) for message in messages if message.get("from_bot", True))
    yield from (json.dumps(entry["params"], ensure_ascii=False) for entry in found.journal)
    yield from (f"{mail['subject']} {mail['text']} {mail['html']}" for mail in found.mails)


def chats(found: Evidence, told: Told) -> Findings:
    """I8: what is of a ticket or a company goes to chats of the company only, and only while they are bound to it."""
    rucs = {company.id: company.ruc for company in found.companies}
    persons = {person.telegram_id: person.id for person in found.people}
    begun, about = _last_tries(found), _Subjects(found)
    for row in found.outbox:
        company = about.company_of(row)
        if row.channel is not Channel.TELEGRAM or company is None:
            continue
        chat = int(row.lane)
        if told.companies.get(chat) != rucs[company]:
            yield Finding(Kind.OTHER, f"delivery {row.id} is about another company than chat {chat}'s")
        if row.state is DeliveryState.CANCELLED and row.id not in begun:
            continue
        mine = [one for one in found.bindings if (one.person_id, one.company_id) == (persons.get(chat), company)]
        stays = any(_holds(one, row, begun.get(row.id), left_at(one, chat, found)) for one in mine)
        if not stays and told.is_clock_right:
            times = ", ".join(f"{one.since} to {left_at(one, chat, found)}" for one in mine) or "never"
            tried = f"{row.method} put {row.created_at}, tried {begun.get(row.id)}, now {row.state}"
            yield Finding(
                Kind.OTHER, f"delivery {row.id} went to {chat}, which was not bound then: {tried}; bound {times}"
            )


class _Subjects:
    """Which company a delivery is about: by what its row says, else by its words."""

    def __init__(self, found: Evidence) -> None:
        self._tickets = {ticket.id: ticket.company_id for ticket in found.tickets}
        self._numbers = {str(ticket.number): ticket.company_id for ticket in found.tickets}
        self._names = {company.name: company.id for company in found.companies if company.name}

    def company_of(self, row: OutboxRow) -> int | None:
        if row.ticket_id or row.company_id:
            return self._tickets[row.ticket_id] if row.ticket_id else row.company_id
        words = str(row.payload.get("text") or row.payload.get("caption") or "")
        named = [company for name, company in self._names.items() if name in words]
        numbers = [self._numbers[number] for number in re.findall(r"#(\d+)", words) if number in self._numbers]
        return next(iter([*numbers, *named]), None)


def _last_tries(found: Evidence) -> dict[int, datetime]:
    """When each delivery was tried last: what is on its way as somebody leaves may arrive a moment later."""
    return {attempt.outbox_id: attempt.started_at for attempt in sorted(found.attempts, key=lambda one: one.id)}


def _holds(binding: Binding, row: OutboxRow, tried: datetime | None, left: datetime | None) -> bool:
    """Bound when the delivery was decided, and still when it was tried last."""
    last = max(row.created_at, tried or row.created_at)
    return binding.since <= row.created_at and (left is None or last <= left)


def log_outs(found: Evidence, told: Told) -> Findings:
    """Every log-out ended what bound the chat, once."""
    chats = {person.id: person.telegram_id for person in found.people}
    ended = Counter(chats[binding.person_id] for binding in found.bindings if binding.ended_at is not None)
    for chat, times in Counter(told.left).items():
        if ended[chat] != times:
            yield Finding(Kind.LOST, f"chat {chat} has logged out {times} times and was let go {ended[chat]} times")


def secrets(found: Evidence, told: Told) -> Findings:
    """I14: no password, token or key in the database's bytes, the log, a call or a mail."""
    places = {**found.raw, **{name: text.encode() for name, text in found.logs.items()}}
    places["what left the desk"] = "\n".join(_outside(found)).encode()
    for name, canary in told.canaries.items():
        for place, content in places.items():
            if canary.encode() in content:
                yield Finding(Kind.OTHER, f"{name} stands in {place}")
