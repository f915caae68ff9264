"""A company's statement of one month, for programs."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin.api import models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.billing import FilledBy, Ruc
from admin.api.problems import described
from core.clock import now
from core.queries import company_card
from core.queries import statement as found
from core.render.statement import AccountMonth, Line, MonthHour
from core.rules.closures import Closure
from core.rules.ledger import LineKind
from core.rules.periods import month, month_of

router = APIRouter(tags=["billing"], route_class=Guarded, responses=described(401, 403, 422))


class MonthWanted(models.Wanted):
    month: str | None = Field(
        default=None,
        pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$",
        description="by the desk's clock; the current one unless given",
        examples=["2026-11"],
    )


class LineOut(BaseModel):
    """A movement: signed minutes, and the balance of its account after it."""

    id: int
    at: datetime
    kind: LineKind
    minutes: int
    balance: int
    ticket: int | None
    closure: Closure | None
    technical_hour: int | None = Field(description="its number within the company")
    reference: str
    technician: str | None


class AccountOut(BaseModel):
    """Balances in minutes; null while nothing is known of the account."""

    opening: int | None
    closing: int | None
    lines: list[LineOut]


class MonthHourOut(BaseModel):
    """A technical hour issued in the month; ``reference`` is the invoice it is on now."""

    number: int
    issued_at: datetime
    tickets: list[FilledBy]
    withdrawn: bool
    invoiced: bool
    reference: str | None


class StatementOut(BaseModel):
    """The two accounts apart; they are never netted."""

    company: models.CompanyName
    month: str = Field(examples=["2026-11"])
    purchased: AccountOut
    bag: AccountOut
    technical_hours: list[MonthHourOut]


@router.get("/companies/{ruc}/statement", response_model=StatementOut, responses=described(404))
async def read_statement(ruc: Ruc, api: ApiParts, _: Caller, wanted: Annotated[MonthWanted, Query()]) -> StatementOut:
    """What happened to a company's minutes in a month."""
    zone = api.office.t.timezone
    span = month(wanted.month or "", zone) or month_of(now(), zone)
    async with api.database.read() as session:
        company = await company_card.by_ruc(session, ruc.replace("\x00", ""))
        statement = await found.read(session, company, span)
    return StatementOut(
        company=models.CompanyName(ruc=statement.ruc, name=statement.company),
        month=statement.month,
        purchased=_account(statement.purchased, zone),
        bag=_account(statement.bag, zone),
        technical_hours=[_hour(hour, zone) for hour in statement.hours],
    )


def _account(one: AccountMonth, zone: ZoneInfo) -> AccountOut:
    return AccountOut(opening=one.opening, closing=one.closing, lines=[_line(line, zone) for line in one.lines])


def _line(line: Line, zone: ZoneInfo) -> LineOut:
    return LineOut(
        id=line.id,
        at=line.at.astimezone(zone),
        kind=line.kind,
        minutes=line.minutes,
        balance=line.balance,
        ticket=line.ticket,
        closure=line.closure,
        technical_hour=line.hour,
        reference=line.reference,
        technician=line.technician,
    )


def _hour(hour: MonthHour, zone: ZoneInfo) -> MonthHourOut:
    return MonthHourOut(
        number=hour.number,
        issued_at=hour.issued_at.astimezone(zone),
        tickets=[FilledBy(number=number, minutes=minutes) for number, minutes in hour.tickets],
        withdrawn=hour.is_withdrawn,
        invoiced=bool(hour.invoice),
        reference=hour.invoice or None,
    )
