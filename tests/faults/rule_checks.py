"""The office's rules, seen from outside: states move as the table says, privileged changes are written down."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.models import EventKind, TicketEvent
from core.rules.states import State, can_move
from tests.faults.evidence import Evidence, Facts
from tests.faults.findings import Finding, Findings, Kind
from tests.faults.told import Told

LIMITED = frozenset({"sendmessage", "senddocument", "sendphoto", "sendvoice", "sendvideo", "sendaudio"})
GRACE = 0.25  # seconds a call may be on its way longer than the one before it


def transitions(found: Evidence, told: Told) -> Findings:
    """I11: the timeline of every ticket is a walk through the table of states, and ends where the ticket stands."""
    events = defaultdict(list)
    for event in found.events:
        events[event.ticket_id].append(event)
    closures = {(closure.ticket_id, closure.number): closure.closure.state for closure in found.closures}
    for ticket in found.tickets:
        state = State.OPEN if ticket.opened_by_id is None else State.NEW
        for event in events[ticket.id]:
            after = _after(event, closures.get((ticket.id, event.data.get("closure", 0))))
            if after is not None and not can_move(state, after):
                yield Finding(Kind.OTHER, f"#{ticket.number} went from {state} to {after}")
            state = after or state
        if state is not ticket.state:
            yield Finding(Kind.OTHER, f"#{ticket.number} is {ticket.state}, its timeline ends at {state}")


def _after(event: TicketEvent, closed: State | None) -> State | None:
    if event.kind is EventKind.STATE:
        return State(event.data["after"])
    return closed if event.kind is EventKind.CLOSED else None


def audit(found: Evidence, told: Told) -> Findings:
    """I12: one entry for each company registered and each technician added, and no other for them."""
    entries = Counter((entry.action, entry.object) for entry in found.audit)
    wanted = Counter({("company.registered", f"company {company.ruc}"): 1 for company in found.companies})
    wanted.update({("technician.added", f"technician {one.username}"): 1 for one in found.technicians})
    for (action, thing), count in ((entries - wanted) | (wanted - entries)).items():
        if (action, thing) in wanted or action in {"company.registered", "technician.added"}:
            yield Finding(Kind.OTHER, f"{action} of {thing} has {entries[action, thing]} entries, {count} off")


def limits(found: Evidence, *, per_second: float, per_chat: float, burst: int) -> Findings:
    """I13: what a chat, and the desk, sends within any time is not more than the settings allow."""
    sent = sorted(
        (entry for entry in found.journal if entry["method"].lower() in LIMITED), key=lambda entry: float(entry["at"])
    )
    chats: dict[int, list[Facts]] = defaultdict(list)
    for entry in sent:
        chats[entry["chat_id"]].append(entry)
    yield from _within(sent, per_second, per_second, "all chats together")
    for chat, entries in chats.items():
        yield from _within(entries, per_chat, burst, f"chat {chat}")


def _within(entries: Sequence[Facts], rate: float, burst: float, what: str) -> Findings:
    """In any stretch at most ``burst`` and what has come in since."""
    for first in range(len(entries)):
        for last in range(first + int(burst), len(entries)):
            seconds = float(entries[last]["at"]) - float(entries[first]["at"]) + GRACE
            if last - first + 1 > burst + rate * seconds:
                yield Finding(Kind.OTHER, f"{what}: {last - first + 1} calls within {seconds:.2f} s")
                return
