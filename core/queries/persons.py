"""The people behind a company's phones, and what the desk must decide about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import IN_FORCE, Announcement, Binding, Company, Invitation, ProofCode
from core.rules.proofs import CodeKind

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Undecided:
    """What waits for the desk: requests for approval, and denials nobody has looked into."""

    requests: Sequence[ProofCode]
    denials: Sequence[Announcement]


async def of_company(session: ReadSession, company_id: int) -> Sequence[Binding]:
    """The bindings that have not ended, the oldest first, with their persons."""
    return (await session.scalars(_of_company(), {"company_id": company_id})).all()


@cache
def _of_company() -> Select[Binding]:
    """Asked for every ticket, so it is put together once."""
    query = select(Binding).where(Binding.company_id == bindparam("company_id"), Binding.ended_at.is_(None))
    return query.options(joinedload(Binding.person)).order_by(Binding.since, Binding.id)


async def verified(session: ReadSession, company_id: int) -> Sequence[Binding]:
    """Those who may know of everything of the company: verified, and not stopped; the oldest first."""
    return [one for one in await of_company(session, company_id) if one.is_verified and one.frozen_at is None]


async def undecided(session: ReadSession, *, at: datetime, company_id: int | None = None) -> Undecided:
    """Of one company, or the oldest few of all."""
    asked = (
        select(ProofCode)
        .join(Binding, Binding.id == ProofCode.binding_id)
        .where(
            ProofCode.kind == CodeKind.APPROVAL,
            ProofCode.settled_at.is_(None),
            ProofCode.expires_at > at,
            IN_FORCE,
        )
        .options(
            joinedload(ProofCode.binding).joinedload(Binding.person),
            joinedload(ProofCode.binding).joinedload(Binding.company),
        )
        .order_by(ProofCode.asked_at)
    )
    denied = (
        select(Announcement)
        .where(Announcement.is_denied, Announcement.handled_at.is_(None))
        .options(
            joinedload(Announcement.binding).joinedload(Binding.person),
            joinedload(Announcement.company),
            joinedload(Announcement.settled_by),
        )
        .order_by(Announcement.settled_at)
    )
    if company_id is not None:
        asked = asked.where(Binding.company_id == company_id)
        denied = denied.where(Announcement.company_id == company_id)
    requests = await session.scalars(asked.limit(SHOWN))
    denials = await session.scalars(denied.limit(SHOWN))
    return Undecided(requests.all(), denials.all())


async def open_invitations(session: ReadSession, company: Company, *, at: datetime) -> Sequence[Invitation]:
    """Links nobody has used and that are still good, the newest first."""
    query = (
        select(Invitation)
        .where(
            Invitation.company_id == company.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > at,
        )
        .options(joinedload(Invitation.technician))
        .order_by(Invitation.id.desc())
    )
    return (await session.scalars(query)).all()


async def invitation(session: ReadSession, company: Company, invitation_id: int, *, lock: bool = False) -> Invitation:
    """One link of this company. Raises NotFoundError."""
    query = (
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.company_id == company.id)
        .options(joinedload(Invitation.company))
        .execution_options(populate_existing=lock)
    )
    found = await session.scalar(query.with_for_update(of=Invitation) if lock else query)
    if found is None:
        raise NotFoundError
    return found


async def denial(session: ReadSession, company: Company, announcement_id: int) -> Announcement:
    """One "it was not me" of this company. Raises NotFoundError."""
    query = select(Announcement).where(
        Announcement.id == announcement_id, Announcement.company_id == company.id, Announcement.is_denied
    )
    found = await session.scalar(query.options(joinedload(Announcement.company)))
    if found is None:
        raise NotFoundError
    return found
