"""One-time links of the desk: whoever opens one first is verified for its company."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.actions import audit, bindings
from core.actions.authorize import authorize
from core.actions.staff import token_sha256
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Binding, Company, Desk, Invitation, Person, Technician
from core.render.office import Office
from core.rules.identity import Proof
from core.rules.permissions import Permission
from core.rules.proofs import INVITATION_LIVES


@dataclass(frozen=True, slots=True)
class Link:
    """The address of an invitation, shown this once, and how long it is good."""

    address: str
    expires_at: datetime


async def invite(session: WriteSession, actor: Technician | None, company: Company) -> Link:
    """A new link for the company; ``actor`` None is the command line. Raises ConflictError before the first start."""
    if actor is not None:
        authorize(actor, Permission.INVITE)
    desk = await session.get_one(Desk, 1)
    if not desk.bot_username:
        raise ConflictError(N_("The bot has not been started yet, so its name is not known. Start it and try again."))
    token = secrets.token_urlsafe(32)
    moment = now()
    invitation = Invitation(
        company_id=company.id,
        token_sha256=token_sha256(token),
        technician_id=actor.id if actor else None,
        created_at=moment,
        expires_at=moment + INVITATION_LIVES,
    )
    session.add(invitation)
    audit.record(session, actor, "invitation.made", on=f"company {company.ruc}")
    await session.flush()
    return Link(f"https://t.me/{desk.bot_username}?start={token}", invitation.expires_at)


async def accept(session: WriteSession, person: Person, token: str, *, office: Office) -> Binding | None:
    """Verify the person for the company of the link; None for one that is unknown, used up, revoked or too old.

    Whoever has used it already is where it leads, and may tap it again.
    """
    invitation = await session.scalar(
        select(Invitation)
        .where(Invitation.token_sha256 == token_sha256(token))
        .options(joinedload(Invitation.company))
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        return None
    if invitation.used_by_id == person.id:
        return await _made_by_it(session, invitation, person)
    moment = now()
    if invitation.used_at or invitation.revoked_at or invitation.expires_at <= moment:
        return None
    binding = await bindings.bind(session, person, invitation.company, Proof.INVITATION, office=office)
    if binding.frozen_at is None:
        invitation.used_at, invitation.used_by_id = moment, person.id
    return binding


async def revoke(session: WriteSession, actor: Technician, invitation: Invitation) -> None:
    """An open link, locked, leads nowhere any more. Raises ConflictError for one that somebody has used."""
    authorize(actor, Permission.INVITE)
    if invitation.used_at is not None:
        raise ConflictError(N_("Somebody has used this link already: the phone is listed here."))
    if invitation.revoked_at is None:
        invitation.revoked_at = now()
        audit.record(session, actor, "invitation.revoked", on=f"company {invitation.company.ruc}")


async def _made_by_it(session: WriteSession, invitation: Invitation, person: Person) -> Binding | None:
    binding = await session.scalar(
        select(Binding)
        .where(
            Binding.person_id == person.id,
            Binding.company_id == invitation.company_id,
            Binding.ended_at.is_(None),
        )
        .options(joinedload(Binding.company))
    )
    if binding is not None and binding.frozen_at is None:
        person.active_company_id = binding.company_id
    return binding
