"""The page of one ticket, as it is and as it comes back when a form was refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import live
from admin.errors import status_of
from admin.forms import Form
from admin.pages import composer, conversation
from admin.panel import Visit
from core.actions import closing, retraction, service_change
from core.clock import now
from core.db import ReadSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_
from core.models import Article, Ticket
from core.queries import (
    appointments,
    changes,
    company_card,
    dossier,
    following,
    policy,
    presence,
    staff,
    tickets,
    times,
)
from core.rules.closures import (
    ClosingFacts,
    Closure,
    ClosurePlan,
    ClosureRequest,
    Refusal,
    Shortfall,
    options,
    preview_closure,
)
from core.rules.reopening import ReopenRefusal
from core.rules.retraction import retract_refusal
from core.rules.services import Service
from core.rules.states import is_closed, waiting_for
from core.rules.times import minutes_between

FORMS = (
    "assign",
    "retract",
    "reply",
    "note",
    "take",
    "pending",
    "call",
    "time",
    "correction",
    "close",
    "reopen",
    "link",
    "service",
    "merge",
)

FIELD_OF: Mapping[Refusal, str] = {
    Refusal.CAUSE_MISSING: "cause",
    Refusal.SOLUTION_MISSING: "solution",
    Refusal.MINUTES_MISSING: "minutes",
    Refusal.MINUTES_NEGATIVE: "minutes",
    Refusal.MINUTES_TOO_MANY: "minutes",
    Refusal.MINUTES_BELOW_RECORDED: "minutes",
}


def number_of(request: Request) -> int:
    """The ticket number of the address."""
    number: int = request.path_params["number"]
    return number


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, loaded again or kept as a bookmark: the ticket is meant."""
    return RedirectResponse(f"/tickets/{number_of(request)}", status_code=303)


async def show(request: Request, visit: Visit) -> Response:
    before = request.query_params.get("before", "")
    position = int(before) if before.isascii() and before.isdigit() and len(before) <= 9 else 0
    return await page(visit, number_of(request), before=position)


async def page(
    visit: Visit,
    number: int,
    *,
    status: int = 200,
    forms: Mapping[str, Form] | None = None,
    before: int = 0,
) -> Response:
    """The ticket as it stands now; ``forms`` are those that come back with what was typed."""
    async with visit.database.read() as session:
        found = await changes.of_tickets(session, [number])  # first: what comes meanwhile is told later
        ticket = await tickets.by_number(session, number)
        others = await presence.others(session, ticket, visit.technician, at=now())
        context = await _read(session, visit, ticket, before)
        context |= await composer.read(session, visit, ticket, come_back=forms or ())
    present = presence.stamp({one.technician_id: one.is_writing for one in others}, without=visit.technician.id)
    restored = {name: Form(values={"text": draft.text}) for name, draft in context["drafts"].items()}
    filled = {name: Form() for name in FORMS} | restored | dict(forms or {})
    return visit.page(
        "ticket/page.html",
        status=status,
        stamps={live.TICKET: found[number], live.PRESENCE: present, "number": number},
        ticket=ticket,
        others=others,
        forms=filled,
        plan=consequence(filled["close"], context["facts"]),
        seen=seen(context["facts"]),
        **context,
    )


async def refused(visit: Visit, number: int, name: str, form: Form, refusal: DeskError) -> Response:
    """The page again: the form keeps what was typed and says beside the field what is wrong."""
    form.refuse(refusal, visit.t)
    status = status_of(refusal)
    if isinstance(refusal, ConflictError) and _put_beside_fields(form, refusal, visit):
        status = 422
    return await page(visit, number, status=status, forms={name: form})


def _put_beside_fields(form: Form, refusal: ConflictError, visit: Visit) -> bool:
    """Reasons that are about a field go there; True where no other reason is left."""
    codes = refusal.reasons
    rest = []
    for code, words in zip(codes, form.reasons, strict=True):
        if code in set(FIELD_OF):
            form.errors[FIELD_OF[Refusal(code)]] = words
        elif code not in set(ReopenRefusal):  # of a reopening: the notice says it
            rest.append(words)
    form.reasons = rest
    only_fields = bool(codes) and set(codes) <= set(FIELD_OF)
    if only_fields:
        form.notice = ""
    return only_fields


async def _read(session: ReadSession, visit: Visit, ticket: Ticket, before: int) -> dict[str, Any]:
    found = await dossier.read(session, ticket, before=before)
    closed = is_closed(ticket.state)
    replaced = await closing.latest(session, ticket) if closed and visit.may("reclassify") else None
    facts = await closing.facts(session, ticket, actor=visit.technician, replaced=replaced)
    people = await staff.enabled(session)
    return {
        "dossier": found,
        "retractable": retractable(visit, found.articles),
        "days": conversation.days(found, visit.t),
        "closings": {closed.closure.number: closed for closed in found.closings},
        "card": await company_card.card(session, ticket.company, without=ticket),
        "linked": await following.linked(session, ticket),
        "appointments": await appointments.of_ticket(session, ticket),
        "moment": now(),
        "merged_into": await following.merged_into(session, ticket),
        "merged_here": await following.merged_here(session, ticket),
        "by_hand": await following.by_hand(session, ticket),
        "on_offer": {service: await policy.offered(session, service) for service in Service},
        "service_asked": await service_change.asked(session, ticket),
        "facts": facts,
        "choices": choices(facts),
        "developers": staff.developers_among(people),
        "technicians": staff.who_answers_among(people) if visit.may("assign") else (),
        "is_closed": closed,
        "replaced": replaced,
        **await _times(session, visit, ticket),
        "waiting": waiting_for(ticket.state, last_author_is_customer=ticket.customer_spoke_last),
        "before": before,
    }


def retractable(visit: Visit, articles: Sequence[Article]) -> frozenset[int]:
    """Positions of what may still be taken back."""
    moment = now()
    return frozenset(
        article.position
        for article in articles
        if visit.may("retract") and retract_refusal(retraction.facts(article), moment) is None
    )


async def _times(session: ReadSession, visit: Visit, ticket: Ticket) -> dict[str, Any]:
    timers = await times.of_ticket(session, ticket)
    entries = await times.entries(session, ticket)
    moment = now()
    counted = {timer.id: minutes_between(timer.started_at, moment) for timer in timers}
    return {
        "timers": timers,
        "minutes_of": lambda timer: counted[timer.id],
        "own_minutes": sum(counted[timer.id] for timer in timers if timer.technician_id == visit.technician.id),
        "entries": entries,
        "corrections": await times.corrections(session, entries),
    }


def consequence(form: Form, facts: ClosingFacts) -> ClosurePlan | None:
    """What closing as the form says would do; None while it does not say how."""
    try:
        return preview_closure(facts, closure_request(form))
    except InvalidError:
        return None


def closure_request(form: Form) -> ClosureRequest:
    """What the form says. Raises InvalidError."""
    chosen = form.text("closure")
    if chosen not in set(Closure):
        raise InvalidError(N_("Choose how the ticket closes."), field="closure")
    return ClosureRequest(
        closure=Closure(chosen),
        cause=form.text("cause"),
        solution=form.text("solution"),
        minutes=form.number("minutes"),
        shortfall=Shortfall(form.text("shortfall")) if form.text("shortfall") in set(Shortfall) else None,
    )


def seen(facts: ClosingFacts) -> str:
    """What the form was filled in by: minutes and calls recorded, purchased minutes."""
    return f"{facts.recorded_minutes} {len(facts.calls)} {facts.purchased}"


def choices(facts: ClosingFacts) -> list[tuple[Closure, tuple[Refusal, ...], ClosurePlan]]:
    """Each closure with what stands against it, and what it would do with the minutes recorded so far."""
    against = options(facts)
    return [
        (closure, against[closure], preview_closure(facts, ClosureRequest(closure, "…", "…", facts.recorded_minutes)))
        for closure in Closure
    ]
