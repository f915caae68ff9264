"""The list of companies, and registering one, for programs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from admin.api import models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import Line, Whole
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from core.actions import companies
from core.db import WriteSession
from core.models import Technician
from core.queries import company_card

router = APIRouter(prefix="/companies", tags=["companies"], route_class=Guarded, responses=described(401, 403, 422))


class CompanyFilter(models.Wanted):
    """Words of the name or the RUC."""

    q: Line = ""
    after: Line = Field(default="", description="the next of the page before")
    per_page: int = Field(default=25, ge=1, le=100)


class CompaniesOut(BaseModel):
    """``next`` is what to pass as ``after`` for the next page, null on the last one."""

    items: list[models.CompanyName]
    next: str | None


class NewCompany(models.Wanted):
    ruc: Line = Field(examples=["0992345678001"])
    name: Line
    emails: list[Line] = Field(default_factory=list, max_length=20)
    phones: list[Line] = Field(default_factory=list, max_length=20)
    purchased_minutes: Whole | None = Field(
        default=None, description="known from the start; null while unknown; more than 0 by who may record purchases"
    )


@router.get("", response_model=CompaniesOut, responses=described(404))
async def list_companies(api: ApiParts, _: Caller, wanted: Annotated[CompanyFilter, Query()]) -> CompaniesOut:
    """Companies by name."""
    async with api.database.read() as session:
        page = await company_card.search(session, wanted.q, after=wanted.after, limit=wanted.per_page)
    return CompaniesOut(
        items=[models.CompanyName(ruc=company.ruc, name=company.name) for company in page.companies],
        next=page.next or None,
    )


@router.post(
    "", status_code=201, response_model=models.CompanyName, responses=described(409, 413), dependencies=[ONCE]
)
async def register(request: Request, api: ApiParts, caller: Caller, wanted: NewCompany) -> Response:
    """Register a company; its password is its RUC. One that is there already is 409."""

    async def effect(session: WriteSession, actor: Technician) -> models.CompanyName:
        company = await companies.register(
            session,
            actor,
            ruc=wanted.ruc,
            name=wanted.name,
            emails=wanted.emails,
            phones=wanted.phones,
            purchased_minutes=wanted.purchased_minutes,
        )
        return models.CompanyName(ruc=company.ruc, name=company.name)

    return await perform(request, api, caller, effect, status=201)
