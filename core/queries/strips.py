"""What stands above the queue if there is any: people to decide on, calls to make, customers who were not content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import joinedload

from core.db import Moment, ReadSession
from core.models import (
    Announcement,
    Appointment,
    AppointmentState,
    Company,
    Person,
    ProofCode,
    Rating,
    ResetRequest,
)
from core.queries import appointments, following, persons
from core.queries.persons import Undecided
from core.rules.proofs import CodeKind
from core.rules.ratings import LOW

RESET_REQUESTS_SHOWN = timedelta(days=7)  # a request nobody needs any more goes away by itself
RATINGS_SHOWN = timedelta(days=7)
RATINGS_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class ForgottenPassword:
    """An open "I forgot my password"; without a company the RUC is unknown."""

    ruc: str
    company: Company | None
    person: Person
    at: datetime


@dataclass(frozen=True)
class Strips:
    undecided: Undecided
    forgotten: Sequence[ForgottenPassword]
    to_call: Sequence[Appointment]
    unhappy: Sequence[Rating]


class Signs(NamedTuple):
    """Whether there is something of each kind."""

    approvals: bool
    denials: bool
    forgotten: bool
    calls: bool
    ratings: bool


async def above_the_queue(session: ReadSession, there: Signs, *, at: datetime) -> Strips:
    """Most of the time there is nothing; only what there is is read."""
    return Strips(
        undecided=await persons.undecided(session, at=at) if there.approvals or there.denials else Undecided([], []),
        forgotten=await forgotten_passwords(session, at=at) if there.forgotten else [],
        to_call=await appointments.due(session, at=at) if there.calls else [],
        unhappy=await following.low_ratings(session, since=at - RATINGS_SHOWN, limit=RATINGS_AT_MOST)
        if there.ratings
        else [],
    )


async def forgotten_passwords(session: ReadSession, *, at: datetime, limit: int = 10) -> Sequence[ForgottenPassword]:
    """The open requests of the last days, newest first."""
    rows = await session.execute(
        select(ResetRequest, Company)
        .outerjoin(Company, Company.ruc == ResetRequest.ruc)
        .where(ResetRequest.handled_at.is_(None), ResetRequest.at > at - RESET_REQUESTS_SHOWN)
        .options(joinedload(ResetRequest.person))
        .order_by(ResetRequest.at.desc())
        .limit(limit)
    )
    return [ForgottenPassword(request.ruc, company, request.person, request.at) for request, company in rows]


def moments(at: datetime) -> dict[str, object]:
    """What the conditions of ``signs`` are asked with."""
    return {
        "at": at,
        "soon": at + appointments.AHEAD,
        "rated_since": at - RATINGS_SHOWN,
        "asked_since": at - RESET_REQUESTS_SHOWN,
    }


def signs() -> Sequence[ColumnElement[bool]]:
    """In the order of ``Signs``; each is the outer part of its question, so it may say yes too often, never no."""
    return (
        exists().where(
            ProofCode.kind == CodeKind.APPROVAL,
            ProofCode.settled_at.is_(None),
            ProofCode.expires_at > bindparam("at", type_=Moment()),
        ),
        exists().where(Announcement.is_denied, Announcement.handled_at.is_(None)),
        exists().where(ResetRequest.handled_at.is_(None), ResetRequest.at > bindparam("asked_since", type_=Moment())),
        exists().where(
            Appointment.state == AppointmentState.AGREED, Appointment.at <= bindparam("soon", type_=Moment())
        ),
        exists().where(Rating.stars <= LOW, Rating.at >= bindparam("rated_since", type_=Moment())),
    )
