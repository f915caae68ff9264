"""Closing a ticket: ticket, ledger, report and news in one transaction, all or nothing."""

from datetime import datetime

from sqlalchemy import delete, select

from core.actions import answered, appointments, audit, closing_news, happenings, hours, notify, purchases, times
from core.actions import ledger as ledger_actions
from core.actions.authorize import authorize
from core.actions.events import note_event, touch
from core.actions.happenings import Happened
from core.actions.snapshot import freeze
from core.actions.writing import refuse_too_long
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError
from core.failpoints import failpoint_async
from core.i18n import N_
from core.messaging import addresses
from core.models import (
    EventKind,
    Report,
    Technician,
    Ticket,
    TicketClosure,
    TimeEntry,
    Timer,
)
from core.queries import ledger, policy, recorded, texts
from core.queries.ledger import Balances
from core.render import email
from core.render.office import Office
from core.render.report import ReportSnapshot, snapshot_sha256, to_json
from core.rules.closures import ClosingFacts, ClosurePlan, ClosureRequest, plan_closure
from core.rules.permissions import Permission, allows
from core.rules.policy import DeskPolicy
from core.rules.states import CLOSED, State, move
from core.rules.texts import Text
from core.rules.times import minutes_between
from core.rules.webhooks import Happening
from core.wake import Topic


async def facts(
    session: ReadSession,
    ticket: Ticket,
    *,
    actor: Technician,
    replaced: TicketClosure | None = None,
    desk: DeskPolicy | None = None,
    balances: Balances | None = None,
    sums: recorded.Sums | None = None,
) -> ClosingFacts:
    """What the rules need to know, since the ticket was last opened.

    ``replaced``: the closing a reclassification takes back; the facts are those after that.
    ``desk``, ``balances``, ``sums``: what was read in this transaction already.
    """
    wanted = recorded.wanted(ticket, actor=actor, replaced=replaced)
    found = sums or (await recorded.SUMS.ask(session, **wanted))[0]
    calls = await recorded.calls(session, ticket) if found.has_calls else ()
    usable = await ledger.usable(session, ticket.company_id, at=now(), without=replaced, found=balances)
    return ClosingFacts(
        service=ticket.service,
        state=ticket.state if replaced is None else State.OPEN,
        recorded_minutes=int(found.minutes or 0),
        calls=tuple(calls),
        bag=usable.bag,
        purchased=usable.purchased,
        carried_minutes=int(found.carried or 0),
        may_overdraw=allows(actor.role, Permission.OVERDRAFT),
        timed_minutes=minutes_between(found.timing_since, now()) if found.timing_since else 0,
        others_timing=found.others_timing,
        replaced=replaced.closure if replaced is not None else None,
        is_invoiced=replaced is not None and await ledger.invoiced_with(session, replaced.id) is not None,
        policy=(desk or await policy.desk_policy(session)).closing,
    )


async def close(
    session: WriteSession, actor: Technician, ticket: Ticket, request: ClosureRequest, *, office: Office
) -> TicketClosure:
    """Close as planned; ``ticket`` must be locked. Raises ConflictError with every reason of an illegal closing."""
    authorize(actor, Permission.CLOSE)
    await ledger_actions.lock(session, ticket.company_id)
    await purchases.expire(session, ticket.company_id, at=now())
    plan = plan_closure(await facts(session, ticket, actor=actor), request)
    return await _carry_out(session, actor, ticket, request, plan=plan, replaced=None, office=office)


async def reclassify(
    session: WriteSession, actor: Technician, ticket: Ticket, request: ClosureRequest, *, office: Office
) -> TicketClosure:
    """Take the closing of a closed ticket back by counter-entry and close it anew, audited.

    As another kind, with other minutes, or both; fewer minutes correct the time entries with the request's reason.
    Raises ConflictError with every reason, or where its technical hour has been invoiced.
    """
    authorize(actor, Permission.RECLASSIFY)
    replaced = await latest(session, ticket)
    if replaced is None or ticket.state not in CLOSED:
        raise ConflictError(N_("The ticket is not closed: there is nothing to reclassify."))
    await ledger_actions.reverse_closure(session, replaced, actor=actor, at=now())
    await purchases.expire(session, ticket.company_id, at=now())
    ticket.state = move(ticket.state, State.OPEN)
    plan = plan_closure(await facts(session, ticket, actor=actor, replaced=replaced), request)
    closure = await _carry_out(session, actor, ticket, request, plan=plan, replaced=replaced, office=office)
    corrected = {}
    if closure.real_minutes != replaced.real_minutes:
        minutes = [replaced.real_minutes, closure.real_minutes]
        corrected = {"changes": {"minutes": minutes}, "reason": request.reason.strip()[:500]}
    audit.record(
        session,
        actor,
        "closing.reclassified",
        on=f"ticket {ticket.number}",
        before=replaced.closure.value,
        after=closure.closure.value,
        closure=closure.number,
        **corrected,
    )
    return closure


async def latest(session: ReadSession, ticket: Ticket) -> TicketClosure | None:
    """The last closing of the ticket, whether it holds or a reopening took it back."""
    return await session.scalar(
        select(TicketClosure)
        .where(TicketClosure.ticket_id == ticket.id)
        .order_by(TicketClosure.number.desc())
        .limit(1)
    )


async def _carry_out(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    request: ClosureRequest,
    *,
    plan: ClosurePlan,
    replaced: TicketClosure | None,
    office: Office,
) -> TicketClosure:
    refuse_too_long(request.cause, field="cause")
    refuse_too_long(request.solution, field="solution")
    if not plan.is_legal:
        raise ConflictError(N_("The ticket cannot be closed like this."), reasons=plan.refused)
    closure = await _record(session, actor, ticket, request, plan=plan, replaced=replaced)
    await _charge(session, actor, ticket, closure, plan)
    await failpoint_async("close.after_ledger")
    snapshot = await freeze(session, ticket, closure, office=office)
    report = await _report(session, ticket, closure, snapshot)
    await failpoint_async("close.after_report")
    await closing_news.tell(session, ticket, closure, report, office=office)
    await hours.tell_if_low(
        session, ticket.company_id, before=plan.purchased_before, after=plan.purchased_after, office=office
    )
    await _mail(session, ticket, closure, report, snapshot, office=office)
    session.wake(Topic.REPORTS)
    await failpoint_async("close.before_commit")
    return closure


async def _record(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    request: ClosureRequest,
    *,
    plan: ClosurePlan,
    replaced: TicketClosure | None,
) -> TicketClosure:
    moment = now()
    # the minutes of the form hold what the actor's own timer has counted
    await session.execute(delete(Timer).where(Timer.ticket_id == ticket.id))
    if plan.surplus_minutes > 0:
        note = request.reason.strip()[:500]
        surplus = plan.surplus_minutes
        session.add(TimeEntry(ticket_id=ticket.id, technician_id=actor.id, minutes=surplus, note=note, at=moment))
    elif plan.surplus_minutes < 0:
        await times.bring_down(session, actor, ticket, by=-plan.surplus_minutes, reason=request.reason)
    ticket.closures_count += 1
    closure = closure_of(ticket, request, plan, actor=actor, number=ticket.closures_count, at=moment)
    closure.replaces_id = replaced.id if replaced else None
    session.add(closure)
    before, ticket.state = ticket.state, move(ticket.state, plan.closure.state)
    ticket.assignee_id = ticket.assignee_id or actor.id
    ticket.remind_at = ticket.responsible_id = None
    answered.close_request(ticket)  # its buttons go with all others
    await appointments.cancel(session, ticket)
    touch(ticket)
    await session.flush()
    moved = {"before": before.value, "after": ticket.state.value}
    happenings.note(session, Happened(Happening.STATE_CHANGED, ticket, more=moved))
    note_event(session, ticket, EventKind.CLOSED, by=actor, closure=closure.number)
    if plan.is_overdraft:
        left = plan.purchased_after
        audit.record(session, actor, "closing.overdraft", on=f"ticket {ticket.number}", purchased_after=left)
    return closure


def closure_of(
    ticket: Ticket, request: ClosureRequest, plan: ClosurePlan, *, actor: Technician, number: int, at: datetime
) -> TicketClosure:
    """The closing as it is planned."""
    return TicketClosure(
        ticket_id=ticket.id,
        number=number,
        closure=plan.closure,
        technician=actor,
        cause=request.cause.strip(),
        solution=request.solution.strip(),
        real_minutes=plan.real_minutes,
        carried_minutes=plan.carried_minutes,
        charged_minutes=plan.charged_minutes,
        bag_before=plan.bag_before,
        bag_after=plan.bag_after,
        technical_hours=plan.technical_hours_issued,
        purchased_before=plan.purchased_before,
        purchased_after=plan.purchased_after,
        is_overdraft=plan.is_overdraft,
        at=at,
    )


async def _charge(
    session: WriteSession, actor: Technician, ticket: Ticket, closure: TicketClosure, plan: ClosurePlan
) -> None:
    hours = await ledger_actions.charge(
        session, actor, ticket, closure, debited=plan.debited_minutes, bagged=plan.bagged_minutes
    )
    assert hours == plan.technical_hours_issued, "the plan and the ledger count the same hours"


async def _report(session: WriteSession, ticket: Ticket, closure: TicketClosure, snapshot: ReportSnapshot) -> Report:
    stored = to_json(snapshot)
    suffix = "" if closure.number == 1 else f"-{closure.number}"
    report = Report(
        closure_id=closure.id,
        file_name=f"informe-{ticket.number}{suffix}.pdf",
        snapshot=stored,
        snapshot_sha256=snapshot_sha256(stored),
        created_at=closure.at,
    )
    session.add(report)
    await session.flush()
    return report


async def _mail(
    session: WriteSession,
    ticket: Ticket,
    closure: TicketClosure,
    report: Report,
    snapshot: ReportSnapshot,
    *,
    office: Office,
) -> None:
    mailboxes = await addresses.of_company(session, ticket.company_id)
    if not mailboxes:
        return
    farewell = await texts.said(session, Text.CLOSING, office.t)
    letter = email.render_closing(snapshot, t=office.t, farewell=farewell, logo=office.logo)
    paper = {"report_id": report.id, "name": report.file_name, "media_type": "application/pdf"}
    for address in mailboxes:
        payload = letter.payload(address, attachments=[paper])
        notify.mail(session, payload, ticket, report, key=f"closed-{closure.number}")
