"""A company's ledger and purchased hours, and technical hours to invoice, for programs."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import Response

from admin.api import cursors, models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import Id, Line, Moment, Whole
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from core.actions import billing, purchases
from core.db import WriteSession
from core.models import Company, Technician
from core.queries import billing as found
from core.queries import company_card, ledger
from core.rules.ledger import Account, LineKind

router = APIRouter(tags=["billing"], route_class=Guarded, responses=described(401, 403, 422))

Ruc = Annotated[str, Path(max_length=13, description="13 digits", examples=["0992345678001"])]


class MovementOut(BaseModel):
    """A line of the ledger: signed minutes in one of the two accounts."""

    id: int
    account: Account
    kind: LineKind
    minutes: int
    ticket: int | None
    reference: str
    technician: str | None
    expires_at: datetime | None
    at: datetime


class LedgerOut(BaseModel):
    """Both balances in minutes (purchased is null while nothing is known), and lines, the newest first."""

    bag: int
    purchased: int | None
    items: list[MovementOut]
    next: str | None


class LedgerPage(models.Wanted):
    after: Line | None = Field(default=None, description="the next of the page before")
    per_page: int = Field(default=25, ge=1, le=100)


class HourPage(LedgerPage):
    invoiced: Literal["true", "false"] | None = None


class NewPurchase(models.Wanted):
    minutes: Whole
    reference: Line
    expires_at: Moment | None = Field(default=None, description="from when the minutes are no longer good")


class NewInvoice(models.Wanted):
    reference: Line


class FilledBy(BaseModel):
    number: int
    minutes: int


class HourOut(BaseModel):
    """Sixty minutes of a company's bag, with the tickets that filled it."""

    id: int
    number: int
    company: models.CompanyName
    issued_at: datetime
    tickets: list[FilledBy]
    invoiced: bool
    reference: str | None


class HoursOut(BaseModel):
    items: list[HourOut]
    next: str | None


@router.get("/companies/{ruc}/ledger", response_model=LedgerOut, responses=described(404))
async def read_ledger(ruc: Ruc, api: ApiParts, _: Caller, wanted: Annotated[LedgerPage, Query()]) -> LedgerOut:
    """The two accounts of a company, and their movements."""
    async with api.database.read() as session:
        company = await company_card.by_ruc(session, ruc.replace("\x00", ""))
        balances = await ledger.balances(session, company.id)
        below, size = cursors.read(wanted.after), wanted.per_page
        lines = await company_card.movements(session, company.id, below=below, limit=size + 1)
    zone = api.office.t.timezone
    return LedgerOut(
        bag=balances.bag,
        purchased=balances.purchased,
        items=[_movement(movement, zone) for movement in lines[:size]],
        next=cursors.write(lines[size - 1].line.id) if len(lines) > size else None,
    )


@router.post(
    "/companies/{ruc}/purchased-hours",
    status_code=201,
    response_model=MovementOut,
    responses=described(404, 413),
    dependencies=[ONCE],
)
async def buy(ruc: Ruc, request: Request, api: ApiParts, caller: Caller, wanted: NewPurchase) -> Response:
    """Add purchased minutes; the reference is the invoice they were paid with."""

    async def effect(session: WriteSession, actor: Technician) -> MovementOut:
        company = await company_card.by_ruc(session, ruc.replace("\x00", ""))
        line = await purchases.buy(
            session,
            actor,
            company,
            minutes=wanted.minutes,
            reference=wanted.reference,
            expires_at=wanted.expires_at,
        )
        return _movement(company_card.Movement(line, None, actor.name), api.office.t.timezone)

    return await perform(request, api, caller, effect, status=201)


@router.get("/technical-hours", response_model=HoursOut)
async def list_hours(api: ApiParts, _: Caller, wanted: Annotated[HourPage, Query()]) -> HoursOut:
    """Technical hours that stand, the newest first."""
    invoiced = None if wanted.invoiced is None else wanted.invoiced == "true"
    async with api.database.read() as session:
        lines, more = await found.hours(
            session, invoiced=invoiced, below=cursors.read(wanted.after), size=wanted.per_page
        )
    zone = api.office.t.timezone
    return HoursOut(items=[_hour(line, zone) for line in lines], next=cursors.write(more) if more else None)


@router.post(
    "/technical-hours/{id}/invoice", response_model=HourOut, responses=described(404, 409, 413), dependencies=[ONCE]
)
async def invoice(
    hour_id: Id,
    request: Request,
    api: ApiParts,
    caller: Caller,
    wanted: NewInvoice,
) -> Response:
    """Mark a technical hour as invoiced. One that is invoiced or withdrawn already is 409."""

    async def effect(session: WriteSession, actor: Technician) -> HourOut:
        (hour,) = await billing.invoice(session, actor, [hour_id], reference=wanted.reference)
        company = await session.scalar(select(Company).where(Company.id == hour.company_id))
        assert company is not None, "an hour belongs to a company"
        (line,) = await found.lines(session, [(hour, company)])
        return _hour(line, api.office.t.timezone)

    return await perform(request, api, caller, effect, status=200)


def _movement(movement: company_card.Movement, zone: ZoneInfo) -> MovementOut:
    line = movement.line
    return MovementOut(
        id=line.id,
        account=line.account,
        kind=line.kind,
        minutes=line.minutes,
        ticket=movement.ticket_number,
        reference=line.reference or "",
        technician=movement.technician_name,
        expires_at=line.expires_at.astimezone(zone) if line.expires_at else None,
        at=line.at.astimezone(zone),
    )


def _hour(line: found.HourLine, zone: ZoneInfo) -> HourOut:
    return HourOut(
        id=line.hour.id,
        number=line.hour.number,
        company=models.CompanyName(ruc=line.company.ruc, name=line.company.name),
        issued_at=line.hour.issued_at.astimezone(zone),
        tickets=[FilledBy(number=number, minutes=minutes) for number, minutes in line.tickets],
        invoiced=line.invoicing is not None,
        reference=line.invoicing.reference if line.invoicing else None,
    )
