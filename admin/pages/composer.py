"""What stands around the words that are being written: drafts, canned answers, limits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin import uploads
from admin.panel import Visit
from core.clock import now
from core.db import ReadSession
from core.models import CannedAnswer, Ticket
from core.queries import canned, reply_drafts
from core.queries.glance import OfTicket
from core.rules.canned import COMPANY, CUSTOMER, TECHNICIAN, TICKET, fill, in_language


async def read(
    session: ReadSession, visit: Visit, ticket: Ticket, there: OfTicket, *, come_back: Collection[str]
) -> dict[str, Any]:
    """For the templates; ``come_back`` are the forms that bring their own words: no draft is put into them."""
    written = await reply_drafts.of(session, visit.technician, ticket) if there.has_drafts else {}
    return {
        "drafts": {name: draft for name, draft in written.items() if name not in come_back},
        "offers": await offers(session, visit, ticket) if there.has_canned else (),
        "today": visit.t.date(now()),
        **attaching(visit),
    }


def attaching(visit: Visit) -> dict[str, Any]:
    """What a field for files needs."""
    return {
        "MAX_FILE": uploads.MAX_FILE,
        "MAX_FORM": uploads.MAX_FORM,
        "ticket_for": lambda file: uploads.ticket_for(visit.panel, file),
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer with the ticket's names in it, in its customer's language."""

    answer: CannedAnswer
    text: str


async def offers(session: ReadSession, visit: Visit, ticket: Ticket) -> Sequence[Offer]:
    """What may be put into an answer on the ticket; nothing for who may not answer."""
    if not visit.may("answer"):
        return ()
    values = values_of(visit, ticket)
    languages = languages_of(visit, ticket)
    return [
        Offer(answer, fill(in_language(answer.texts, languages), values))
        for answer in await canned.offered(session, ticket)
    ]


def values_of(visit: Visit, ticket: Ticket) -> Mapping[str, str]:
    person = ticket.opened_by
    return {
        CUSTOMER: (person.first_name or person.name) if person else ticket.company.name,
        COMPANY: ticket.company.name,
        TICKET: f"#{ticket.number}",
        TECHNICIAN: visit.technician.name,
    }


def languages_of(visit: Visit, ticket: Ticket) -> Sequence[str]:
    reads = (ticket.opened_by.reads or "")[:2] if ticket.opened_by else ""
    return [reads, visit.t.language]
