"""Tickets, articles and closings as programs are told of them: the shapes of the API, times in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.models import Article, Attachment, Company, Person, Technician, Ticket, TicketClosure
from core.rules.states import waiting_for


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def ticket_shape(ticket: Ticket, company: Company) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "state": ticket.state.value,
        "service": ticket.service.value,
        "company": {"ruc": company.ruc, "name": company.name},
        "created_at": moment(ticket.created_at),
        "updated_at": moment(ticket.updated_at),
        "waiting_for": waiting_for(ticket.state, ticket.customer_spoke_last).value,
    }


def article_shape(
    article: Article, author: Technician | Person | None, attachments: Sequence[Attachment]
) -> dict[str, Any]:
    kind = "technician" if isinstance(author, Technician) else "customer" if author else "desk"
    return {
        "number": article.position,
        "author": {"kind": kind, "name": author.name if author else ""},
        "kind": article.kind.value,
        "asks": article.asks.value if article.asks else None,
        "text": article.text,
        "created_at": moment(article.created_at),
        "retracted_at": moment(article.retracted_at) if article.retracted_at else None,
        "attachments": [
            {
                "id": file.id,
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "state": file.state.value,
            }
            for file in attachments
        ],
    }


def closing_shape(closure: TicketClosure, technician: Technician) -> dict[str, Any]:
    return {
        "number": closure.number,
        "closure": closure.closure.value,
        "cause": closure.cause,
        "solution": closure.solution,
        "real_minutes": closure.real_minutes,
        "carried_minutes": closure.carried_minutes,
        "charged_minutes": closure.charged_minutes,
        "bag_before": closure.bag_before,
        "bag_after": closure.bag_after,
        "technical_hours_issued": closure.technical_hours,
        "purchased_before": closure.purchased_before,
        "purchased_after": closure.purchased_after,
        "at": moment(closure.at),
        "technician": technician.name,
    }
