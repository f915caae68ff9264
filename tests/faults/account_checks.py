"""Closings: each once, charged by one line, hours of exactly sixty minutes, one report with the same bytes."""

from collections import Counter, defaultdict

from core.models import Channel, DeliveryState, OutboxRow, Report, TicketClosure
from core.rules.closures import Closure
from core.rules.ledger import HOUR, Account, LineKind
from tests.faults.delivery_checks import is_of_yesterday
from tests.faults.evidence import Evidence
from tests.faults.findings import Finding, Findings, Kind, one
from tests.faults.presence import SLACK, is_there
from tests.faults.told import Told

MINIMUM = 15
CHARGED = {Closure.INVOICED: Account.BAG, Closure.IMPLEMENTATION: Account.PURCHASED}


def closings(found: Evidence, told: Told) -> Findings:
    """Every closing a technician was told of exists once, as it was asked for."""
    numbers = {ticket.id: ticket.number for ticket in found.tickets}
    causes = {closed.cause: closed for closed in told.closed}
    there = Counter(closure.cause for closure in found.closures)
    for closed in told.closed:
        yield from one(there[closed.cause], f"closing of #{closed.number}")
    for closure in found.closures:
        asked = causes.get(closure.cause)
        if asked is None:
            yield Finding(Kind.DOUBLED_ARTICLE, f"closing {closure.id} was asked by nobody")
        elif (closure.closure, closure.real_minutes, numbers[closure.ticket_id]) != (
            asked.closure,
            asked.minutes,
            asked.number,
        ):
            yield Finding(Kind.OTHER, f"closing {closure.id} is not as it was asked: {asked}")


def ledger(found: Evidence, told: Told) -> Findings:
    """I10: one line per charging closing with its exact minutes, none for the others; sums and hours exact."""
    lines = defaultdict(list)
    for line in found.ledger:
        if line.closure_id is not None:
            lines[line.closure_id].append(line)
    for closure in found.closures:
        mine = [(line.account, line.kind, line.minutes) for line in lines[closure.id]]
        if mine != _due(closure):
            yield Finding(Kind.OTHER, f"closing {closure.id} ({closure.closure}) has the ledger lines {mine}")
    for company in found.companies:
        yield from _bag(found, company.id, company.ruc)
    filled: Counter[int] = Counter()
    for part in found.hour_parts:
        filled[part.technical_hour_id] += part.minutes
    for hour, minutes in filled.items():
        if minutes != HOUR:
            yield Finding(Kind.OTHER, f"technical hour {hour} has {minutes} minutes")


def _due(closure: TicketClosure) -> list[tuple[Account, LineKind, int]]:
    account = CHARGED.get(closure.closure)
    if account is None:
        return []
    minutes = max(MINIMUM, closure.real_minutes) if account is Account.BAG else -closure.real_minutes
    return [(account, LineKind.CLOSURE, minutes)]


def _bag(found: Evidence, company_id: int, ruc: str) -> Findings:
    """Whole hours have left the bag, as many as the charges fill."""
    bag = [line for line in found.ledger if line.company_id == company_id and line.account is Account.BAG]
    charged = sum(line.minutes for line in bag if line.kind is LineKind.CLOSURE)
    issued = [line.minutes for line in bag if line.kind is LineKind.HOUR_ISSUED]
    if issued != [-HOUR] * (charged // HOUR):
        yield Finding(Kind.OTHER, f"{ruc}: {charged} minutes charged, hours issued: {issued}")


def reports(found: Evidence, told: Told) -> Findings:
    """One report per closing, drawn once; chat and mail carry it, and the mail has the bytes of the store."""
    by_closure = Counter(report.closure_id for report in found.reports)
    for closure in found.closures:
        yield from one(by_closure[closure.id], f"report of closing {closure.id}")
    for report in found.reports:
        if report.pdf_sha256 is None:
            yield Finding(Kind.STUCK, f"report {report.id} was never drawn")
        elif report.pdf_sha256 not in found.stored:
            yield Finding(Kind.LOST, f"the bytes of report {report.id} are not in the store")
        for channel in (Channel.TELEGRAM, Channel.EMAIL):
            rows = [row for row in found.outbox if row.report_id == report.id and row.channel is channel]
            has_gone = any(
                row.state in {DeliveryState.SENT, DeliveryState.UNCERTAIN} or is_of_yesterday(row, told)
                for row in rows
            )
            if not has_gone and (channel is Channel.EMAIL or _is_expected(found, told, report)):
                yield Finding(Kind.LOST, f"report {report.id} never went out by {channel}")
            yield from _bytes(found, rows, report.pdf_sha256 or "")


def _is_expected(found: Evidence, told: Told, report: Report) -> bool:
    """Whether the opener is there to be told of the closing: verified then, and not logged out since."""
    tickets = {closure.id: closure.ticket_id for closure in found.closures}
    ticket = next(ticket for ticket in found.tickets if ticket.id == tickets[report.closure_id])
    return any(
        is_there(one, report.created_at, found, told) and one.verified_at + SLACK < report.created_at
        for one in found.bindings
        if (one.person_id, one.company_id) == (ticket.opened_by_id, ticket.company_id)
        and one.ended_at is None
        and one.verified_at is not None
    )


def _bytes(found: Evidence, rows: list[OutboxRow], sha256: str) -> Findings:
    ids = {row.provider_id for row in rows if row.channel is Channel.EMAIL}
    for mail in found.mails:
        if mail["message_id"] in ids and [file["sha256"] for file in mail["attachments"]] != [sha256]:
            yield Finding(Kind.OTHER, f"the mail {mail['message_id']} carries another file than the report")
