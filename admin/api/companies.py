"""Companies for programs: who acts for one, and the link that lets one more in."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from admin.api import models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import Line
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from core.actions import companies, invitations
from core.db import WriteSession
from core.models import Binding, Company, Technician
from core.queries import company_card, persons

router = APIRouter(
    prefix="/companies/{ruc}", tags=["companies"], route_class=Guarded, responses=described(401, 403, 404, 422)
)

Ruc = Annotated[str, Path(max_length=13, description="13 digits", examples=["0992345678001"])]


class NewReset(models.Wanted):
    reason: Line = Field(examples=["Llamó el gerente; identidad comprobada por teléfono"])


@router.get("", response_model=models.CompanyOut)
async def read_company(ruc: Ruc, api: ApiParts, _: Caller) -> models.CompanyOut:
    """A company with the persons who act for it, the oldest first."""
    async with api.database.read() as session:
        company = await company_card.by_ruc(session, _plain(ruc))
        found = await persons.of_company(session, company.id)
    zone = api.office.t.timezone
    return models.CompanyOut(
        ruc=company.ruc,
        name=company.name,
        emails=[email.address for email in company.emails],
        phones=[phone.number for phone in company.phones],
        persons=[_person(binding, company, zone) for binding in found],
    )


@router.post(
    "/invitations",
    status_code=201,
    response_model=models.InvitationOut,
    responses=described(409),
    dependencies=[ONCE],
)
async def invite(ruc: Ruc, request: Request, api: ApiParts, caller: Caller) -> Response:
    """A link for one person, good for 72 hours."""

    async def effect(session: WriteSession, actor: Technician) -> models.InvitationOut:
        link = await invitations.invite(session, actor, await company_card.by_ruc(session, _plain(ruc)))
        return models.InvitationOut(link=link.address, expires_at=link.expires_at.astimezone(api.office.t.timezone))

    return await perform(request, api, caller, effect, status=201, is_secret=True)


@router.post("/password-reset", response_model=models.CompanyName, responses=described(413), dependencies=[ONCE])
async def reset_password(ruc: Ruc, request: Request, api: ApiParts, caller: Caller, wanted: NewReset) -> Response:
    """Back to the RUC. All verified persons are told; nobody is logged out."""

    async def effect(session: WriteSession, actor: Technician) -> models.CompanyName:
        company = await company_card.by_ruc(session, _plain(ruc))
        await companies.reset_password(session, actor, company, reason=wanted.reason, office=api.office)
        return models.CompanyName(ruc=company.ruc, name=company.name)

    return await perform(request, api, caller, effect, status=200)


def _plain(ruc: str) -> str:
    return ruc.replace("\x00", "")


def _person(binding: Binding, company: Company, zone: ZoneInfo) -> models.PersonOut:
    def local(moment: datetime) -> datetime:
        return moment.astimezone(zone)

    return models.PersonOut(
        id=binding.id,
        name=binding.person.name,
        level=binding.level,
        proof=binding.proof,
        since=local(binding.verified_at or binding.since),
        last_seen_at=local(binding.seen_at) if binding.seen_at else None,
        reachable=binding.person.blocked_at is None,
        frozen=binding.frozen_at is not None,
        contact_person=binding.person_id == company.contact_person_id,
    )
