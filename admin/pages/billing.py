"""Billing: every company's accounts, technical hours to invoice, exports, and purchased hours."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.pages import companies
from admin.panel import Visit
from core.actions import billing, exports, purchases
from core.db import WriteSession
from core.errors import BusyError, ConflictError, InvalidError
from core.i18n import N_
from core.models import Technician
from core.queries import billing as found
from core.queries import company_card, policy
from core.render import sheets
from core.rules.ledger import HOUR
from core.rules.periods import day_of, midnight

SLICE = 5_000  # hours of an export that are read at once

Act = Callable[[WriteSession, Technician, Form], Awaitable[object]]


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def invoice(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await billing.invoice(session, actor, _ids(form), reference=form.line("reference"))

    return await _perform(request, visit, "invoice", act)


async def revert(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await billing.revert(session, actor, _ids(form), reason=form.line("reason"))

    return await _perform(request, visit, "revert", act)


async def buy(request: Request, visit: Visit) -> Response:
    """Purchased hours of a company, on its page."""
    form = await forms.signed(request, visit)
    ruc = companies.ruc_of(request)

    async def act(session: WriteSession, actor: Technician) -> None:
        await purchases.buy(
            session,
            actor,
            await company_card.by_ruc(session, ruc),
            minutes=form.needed_number("minutes"),
            reference=form.line("reference"),
            expires_at=_end_of(form.line("expires_on"), visit.t.timezone),
        )

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, BusyError) as refusal:
        form.refuse(refusal, visit.t)
        return await companies.page(request, visit, status=status_of(refusal), purchase=form)
    return RedirectResponse(f"/companies/{ruc}#ledger-title", status_code=303)


async def as_csv(request: Request, visit: Visit) -> Response:
    return _download(sheets.as_csv(await _rows(request, visit)), "text/csv; charset=utf-8", "csv")


async def as_xlsx(request: Request, visit: Visit) -> Response:
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(sheets.as_xlsx(await _rows(request, visit)), media_type, "xlsx")


async def _page(
    request: Request, visit: Visit, *, status: int = 200, name: str = "", form: Form | None = None
) -> Response:
    is_invoiced = name == "revert" or (not name and request.query_params.get("invoiced") == "1")
    query = request.query_params
    text = query.get("q", "").replace("\x00", "")[:200]
    after = query.get("after", "").replace("\x00", "")[:15]
    async with visit.database.read() as session:
        accounts, following = await found.accounts(session, text, after=after)
        hours, more = await found.hours(session, invoiced=is_invoiced, below=forms.whole(query.get("below", "")))
        threshold = (await policy.desk_policy(session)).low_balance_minutes
    return visit.page(
        "billing/page.html",
        status=status,
        accounts=accounts,
        text=text,
        following=following,
        is_first=not after,
        address=lambda **changes: _address(query, changes),
        hours=hours,
        more=more,
        is_invoiced=is_invoiced,
        threshold=threshold,
        hour=HOUR,
        form=form or Form(),
    )


def _address(query: QueryParams, changes: Mapping[str, object]) -> str:
    """This page with some parts of its address changed; an empty part leaves it."""
    parts = {**{name: query.get(name) for name in ("invoiced", "below", "q", "after")}, **changes}
    chosen = {name: value for name, value in parts.items() if value}
    return f"/billing?{urlencode(chosen)}" if chosen else "/billing"


async def _perform(request: Request, visit: Visit, name: str, act: Act) -> Response:
    form = await forms.signed(request, visit)
    try:
        await forms.carry_out(visit, form, lambda session, actor: act(session, actor, form))
    except (InvalidError, ConflictError) as refusal:
        form.refuse(refusal, visit.t)
        return await _page(request, visit, status=status_of(refusal), name=name, form=form)
    return RedirectResponse("/billing" if name == "invoice" else "/billing?invoiced=1", status_code=303)


async def _rows(request: Request, visit: Visit) -> list[sheets.Row]:
    """The technical hours, invoiced ones where the address asks for them."""
    t = visit.t
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        await exports.note(session, actor, "billing", asked=request.url.query)
    is_invoiced = request.query_params.get("invoiced") == "1"
    async with visit.database.read() as session:
        hours, more = await found.hours(session, invoiced=is_invoiced, size=SLICE)
        while more is not None:
            following, more = await found.hours(session, invoiced=is_invoiced, below=more, size=SLICE)
            hours += following
    head = (N_("RUC"), N_("Company"), N_("Technical hour"), N_("Issued"), N_("Tickets"), N_("Minutes"), N_("Invoice"))
    rows: list[sheets.Row] = [[t(word) for word in head]]
    rows += [
        [
            line.company.ruc,
            line.company.name,
            line.hour.number,
            t.date(line.hour.issued_at),
            ", ".join(f"#{number} ({minutes} min)" for number, minutes in line.tickets),
            HOUR,
            line.invoicing.reference if line.invoicing else "",
        ]
        for line in hours
    ]
    return rows


def _download(content: bytes, media_type: str, ending: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="horas-tecnicas.{ending}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


def _ids(form: Form) -> list[int]:
    return [number for number in map(forms.whole, form.chosen) if number is not None]


def _end_of(date: str, zone: ZoneInfo) -> datetime | None:
    """The end of a local day: the minutes are good through it. Raises InvalidError."""
    if not date:
        return None
    day = day_of(date)
    if day is None:
        raise InvalidError(N_("Choose a date."), field="expires_on")
    return midnight(day + timedelta(days=1), zone)
