"""The page of one ticket, as it is and as it comes back when a form was refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import live
from admin.errors import status_of
from admin.forms import Form, whole
from admin.pages import articles, composer, conversation, drafts, place
from admin.panel import Visit
from core.actions import closing, retraction, service_change
from core.clock import now
from core.db import ReadSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_, Translator
from core.models import ArticleKind, Ticket
from core.queries import (
    appointments,
    company_card,
    dossier,
    following,
    glance,
    meanwhile,
    policy,
    presence,
    recorded,
    staff,
    thread,
    times,
    together,
)
from core.queries.glance import OfTicket
from core.queries.thread import Said
from core.rules import drafting
from core.rules.closures import (
    ClosingFacts,
    Closure,
    ClosurePlan,
    ClosureRequest,
    Shortfall,
    options,
    plan_closure,
    preview_closure,
)
from core.rules.refusals import Refusal
from core.rules.retraction import retract_refusal
from core.rules.states import is_closed, waiting_for
from core.rules.times import minutes_between

FORMS = (
    "assign",
    "retract",
    "reply",
    "note",
    "take",
    "pending",
    "resume",
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
    Refusal.REASON_MISSING: "reason",
    Refusal.MINUTES_MISSING: "minutes",
    Refusal.MINUTES_NEGATIVE: "minutes",
    Refusal.MINUTES_TOO_MANY: "minutes",
    Refusal.MINUTES_BELOW_RECORDED: "minutes",
    Refusal.MINUTES_BELOW_TIMER: "minutes",
}


QUESTIONS = (*company_card.QUESTIONS, recorded.SUMS, policy.DECIDED, policy.PRODUCTS, staff.ENABLED)


def number_of(request: Request) -> int:
    """The ticket number of the address."""
    number: int = request.path_params["number"]
    return number


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, loaded again or kept as a bookmark: the ticket is meant."""
    return RedirectResponse(f"/tickets/{number_of(request)}", status_code=303)


async def show(request: Request, visit: Visit) -> Response:
    before = whole(request.query_params.get("before", "")) or 0
    return await page(visit, number_of(request), before=before, came_from=request.url.query)


async def page(
    visit: Visit,
    number: int,
    *,
    status: int = 200,
    forms: Mapping[str, Form] | None = None,
    before: int = 0,
    came_from: str = "",
) -> Response:
    """The ticket as it stands now; ``forms`` are those that come back with what was typed.

    ``came_from``: the place in the queue, as an address has it; a form that comes back brings its own.
    """
    moment = now()
    async with visit.reading() as session:
        ticket, there = await glance.of_ticket(session, number, visit.technician, at=moment)
        others = await presence.others(session, ticket, visit.technician, at=moment) if there.has_others else ()
        context = await _read(session, visit, ticket, there, before)
        context |= await composer.read(session, visit, ticket, there, come_back=forms or ())
        for form in (forms or {}).values():
            if (so_far := form.seen()) is not None:
                form.meanwhile = await meanwhile.of_others(session, visit.technician, ticket, so_far)
    present = presence.stamp({one.technician_id: one.is_writing for one in others}, without=visit.technician.id)
    restored = {name: Form(values={"text": draft.text}) for name, draft in context["drafts"].items()}
    filled = {name: Form() for name in FORMS} | restored | dict(forms or {})
    return visit.page(
        "ticket/page.html",
        status=status,
        stamps={live.TICKET: there.stamp, live.PRESENCE: present, "number": number},
        ticket=ticket,
        others=others,
        forms=filled,
        place=place.of(came_from or next((form.text("place") for form in (forms or {}).values()), ""), ticket),
        plan=consequence(filled["close"], context["facts"]),
        seen=seen(context["facts"]),
        **context,
    )


async def refused(visit: Visit, number: int, name: str, form: Form, refusal: DeskError) -> Response:
    """The page again: the form keeps what was typed, as a draft too, and says beside the field what is wrong."""
    form.refuse(refusal, visit.t)
    await drafts.keep_form(visit, number, name, form)
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
        elif words != form.notice:
            rest.append(words)
    form.reasons = rest
    only_fields = bool(codes) and set(codes) <= set(FIELD_OF)
    if only_fields:
        form.notice = ""
    return only_fields


async def _read(session: ReadSession, visit: Visit, ticket: Ticket, there: OfTicket, before: int) -> dict[str, Any]:
    closings = await dossier.closings(session, ticket)
    closed = is_closed(ticket.state)
    replaced = closings[-1].closure if closed and closings and visit.may("reclassify") else None
    wanted = recorded.wanted(ticket, actor=visit.technician, replaced=replaced)
    wanted |= {"company_id": ticket.company_id, "but_ticket_id": ticket.id} | thread.wanted(ticket, before=before)
    answers = await together.ask(session, (*QUESTIONS, *thread.questions(there)), wanted)
    found = await dossier.read(session, ticket, before=before, there=there, answers=answers, closed=closings)
    desk, people = policy.of_decided(answers[policy.DECIDED]), answers[staff.ENABLED]
    card = company_card.of_answers(ticket.company, answers, desk)
    facts = await closing.facts(
        session,
        ticket,
        actor=visit.technician,
        replaced=replaced,
        desk=desk,
        balances=card.balance,
        sums=answers[recorded.SUMS][0],
    )
    return {
        "dossier": found,
        "drawn": articles.draw(visit, ticket, found, retractable(visit, found.articles)),
        "days": conversation.days(found, visit.t),
        "closings": {one.closure.number: one for one in closings},
        "card": card,
        "appointments": await appointments.of_ticket(session, ticket) if there.has_appointments else (),
        "moment": now(),
        "on_offer": policy.on_offer(answers[policy.PRODUCTS], desk),
        "service_asked": await service_change.asked(session, ticket),
        "facts": facts,
        "choices": choices(facts),
        "developers": staff.developers_among(people),
        "technicians": staff.who_answers_among(people) if visit.may("assign") else (),
        "is_closed": closed,
        "replaced": replaced,
        "proposed": _proposed(ticket, found.articles if not before else (), visit.t),
        **await _others(session, ticket, there),
        **await _times(session, visit, ticket, there),
        "waiting": waiting_for(ticket.state, last_author_is_customer=ticket.customer_spoke_last),
        "before": before,
    }


def _proposed(ticket: Ticket, articles: Sequence[Said], t: Translator) -> Mapping[str, str]:
    """Cause and solution as the conversation has them; notes have no way into a report."""
    said = [article for article in articles if article.retracted_at is None]
    first = next((article.text for article in said if article.position == 1), "")
    answers = [
        article.text
        for article in said
        if article.kind is ArticleKind.REPLY and article.position > 1 and article.created_at >= ticket.reopened_at
    ]
    told = drafting.symptom(ticket.subject, first)
    return {"cause": t("Reported: %(words)s", words=told), "solution": drafting.solution(answers)}


def retractable(visit: Visit, articles: Sequence[Said]) -> frozenset[int]:
    """Positions of what may still be taken back."""
    moment, may_retract = now(), visit.may("retract")
    return frozenset(
        article.position
        for article in articles
        if may_retract and retract_refusal(retraction.facts(article), moment) is None
    )


async def _others(session: ReadSession, ticket: Ticket, there: OfTicket) -> dict[str, Any]:
    """The tickets this one has to do with."""
    is_linked = there.is_continued or ticket.continues_id is not None
    return {
        "linked": await following.linked(session, ticket) if is_linked else (),
        "merged_into": await following.merged_into(session, ticket),
        "merged_here": await following.merged_here(session, ticket) if there.has_merged else (),
        "by_hand": await following.by_hand(session, ticket) if there.is_linked else (),
    }


async def _times(session: ReadSession, visit: Visit, ticket: Ticket, there: OfTicket) -> dict[str, Any]:
    timers = await times.of_ticket(session, ticket) if there.has_timers else ()
    entries = await times.entries(session, ticket) if there.has_times else ()
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
        reason=form.text("reason"),
    )


def seen(facts: ClosingFacts) -> str:
    """What the form was filled in by: minutes and calls recorded, purchased minutes."""
    return f"{facts.recorded_minutes} {len(facts.calls)} {facts.purchased}"


def choices(facts: ClosingFacts) -> list[tuple[Closure, tuple[Refusal, ...], ClosurePlan]]:
    """Each closure with what stands against it, and what it would do with the minutes recorded and timed so far."""
    against = options(facts)
    minutes = facts.recorded_minutes + facts.timed_minutes
    return [
        (closure, against[closure], plan_closure(facts, ClosureRequest(closure, "…", "…", minutes)))
        for closure in Closure
    ]
