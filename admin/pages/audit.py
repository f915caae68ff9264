"""The audit: who changed what, searched by everything that stands in the address."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from admin.forms import whole
from admin.pages.reports import sheet
from admin.panel import Visit
from core.actions import exports
from core.clock import now
from core.i18n import N_
from core.models import AuditEntry, Technician
from core.queries import audit, staff
from core.queries.audit import AuditLine, Wanted, Who
from core.render import audit as words
from core.render import sheets
from core.rules.periods import day_of

EXPORTED = 20_000
WHO_WORDS: Mapping[Who, str] = {
    Who.CUSTOMERS: N_("Customers, in the chat"),
    Who.COMMAND_LINE: N_("The command line"),
}
_KEPT = ("who", "action", "on", "q", "from", "to")


async def show(request: Request, visit: Visit) -> Response:
    query = request.query_params
    wanted = _wanted(query, visit.t.timezone)
    async with visit.database.read() as session:
        lines, below = await audit.page(session, wanted)
        technicians = await staff.everybody(session)
    actions = sorted((visit.t(text), action) for action, text in words.ACTION_WORDS.items())
    return visit.page(
        "audit/page.html",
        lines=lines,
        wanted=wanted,
        kept={name: _text(query, name) for name in _KEPT},
        technicians=technicians,
        kinds=WHO_WORDS,
        actions=actions,
        words=words,
        name_of=lambda entry: _who(entry, visit),
        csv=_address("/audit.csv", query),
        newest=_address("/audit", query) if wanted.below else "",
        older=_address("/audit", query, below=below) if below else "",
    )


async def as_csv(request: Request, visit: Visit) -> Response:
    """What the page shows, all its pages; taking it away is an entry itself."""
    query = request.query_params
    wanted = _wanted(query, visit.t.timezone)
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        await exports.note(session, actor, "audit", asked=request.url.query)
    async with visit.database.read() as session:
        lines, more = await audit.page(session, wanted, size=EXPORTED)
    today = now().astimezone(visit.t.timezone).date()
    return sheet(sheets.as_csv(_rows(lines, visit, is_cut=more is not None)), f"auditoria-{today.isoformat()}.csv")


def _rows(lines: Sequence[AuditLine], visit: Visit, *, is_cut: bool) -> list[sheets.Row]:
    t = visit.t
    head = (N_("Date"), N_("Time of day"), N_("Who"), N_("What was done"), N_("Object"), N_("Company"), N_("Details"))
    rows: list[sheets.Row] = [[t(word) for word in head]]
    for line in lines:
        entry = line.entry
        rows.append(
            [
                t.date(entry.at),
                t.time(entry.at),
                _who(entry, visit),
                words.action_words(entry.action, t),
                words.object_words(line.subject, line.name, t),
                line.company.name if line.company else "",
                "; ".join(f"{label}: {value}" for label, value in words.details(entry.data, t)),
            ]
        )
    if is_cut:
        rows.append([t("There are older entries: narrow the dates to get them.")])
    return rows


def _who(entry: AuditEntry, visit: Visit) -> str:
    if entry.person is not None:
        return visit.t("%(name)s (customer)", name=entry.person.name)
    return entry.technician.name if entry.technician is not None else visit.t(WHO_WORDS[Who.COMMAND_LINE])


def _wanted(query: QueryParams, zone: ZoneInfo) -> Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""
    who, first, last = _text(query, "who"), day_of(query.get("from", "")), day_of(query.get("to", ""))
    return Wanted(
        who=Who(who) if who in set(Who) else whole(who),
        action=_text(query, "action"),
        on=_text(query, "on"),
        words=_text(query, "q"),
        since=datetime.combine(first, time(), zone) if first else None,
        until=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
        below=whole(query.get("below", "")),
    )


def _text(query: QueryParams, name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:100]


def _address(path: str, query: QueryParams, **more: object) -> str:
    parts = {name: _text(query, name) for name in _KEPT if _text(query, name)}
    parts |= {name: str(value) for name, value in more.items()}
    return f"{path}?{urlencode(parts)}" if parts else path
