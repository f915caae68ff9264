"""Who may know what: no internal note outside, nothing into chats that were not bound then, no secret anywhere."""

import json
from collections.abc import Iterator

from core.models import Binding, Channel, OutboxRow
from tests.faults.evidence import Evidence
from tests.faults.findings import Finding, Findings, Kind
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
    """I8: what is about a ticket goes to chats of its company only, and only while they are bound to it."""
    rucs = {company.id: company.ruc for company in found.companies}
    tickets = {ticket.id: ticket for ticket in found.tickets}
    persons = {person.telegram_id: person.id for person in found.people}
    for row in found.outbox:
        if row.channel is not Channel.TELEGRAM or not row.ticket_id:
            continue
        company, chat = tickets[row.ticket_id].company_id, int(row.lane)
        if told.companies.get(chat) != rucs[company]:
            yield Finding(Kind.OTHER, f"delivery {row.id} is about a ticket of another company than chat {chat}'s")
        mine = [one for one in found.bindings if (one.person_id, one.company_id) == (persons.get(chat), company)]
        if not any(_holds(binding, row) for binding in mine) and told.is_clock_right:
            yield Finding(Kind.OTHER, f"delivery {row.id} went to {chat}, which was not bound then")


def _holds(binding: Binding, row: OutboxRow) -> bool:
    """Bound when the delivery was decided, and still when it was sent."""
    last = max(row.created_at, row.sent_at or row.created_at)
    return binding.since <= row.created_at and (binding.ended_at is None or last <= binding.ended_at)


def secrets(found: Evidence, told: Told) -> Findings:
    """I14: no password, token or key in the database's bytes, the log, a call or a mail."""
    places = {**found.raw, **{name: text.encode() for name, text in found.logs.items()}}
    places["what left the desk"] = "\n".join(_outside(found)).encode()
    for name, canary in told.canaries.items():
        for place, content in places.items():
            if canary.encode() in content:
                yield Finding(Kind.OTHER, f"{name} stands in {place}")
