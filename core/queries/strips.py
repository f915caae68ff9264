"""What stands above the queue if there is any: people to decide on, calls to make, customers who were not content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, exists, select

from core.db import Moment, ReadSession
from core.models import Announcement, Appointment, AppointmentState, ProofCode, Rating, ResetRequest
from core.queries import appointments, following, persons, queue
from core.queries.persons import Undecided
from core.queries.queue import ForgottenPassword
from core.rules.proofs import CodeKind
from core.rules.ratings import LOW

RATINGS_SHOWN = timedelta(days=7)
RATINGS_AT_MOST = 5


@dataclass(frozen=True)
class Strips:
    undecided: Undecided
    forgotten: Sequence[ForgottenPassword]
    to_call: Sequence[Appointment]
    unhappy: Sequence[Rating]


async def above_the_queue(session: ReadSession, *, at: datetime) -> Strips:
    """Most of the time there is nothing: one question tells, and only what there is is read."""
    moments = {
        "at": at,
        "soon": at + appointments.AHEAD,
        "rated_since": at - RATINGS_SHOWN,
        "asked_since": at - queue.RESET_REQUESTS_SHOWN,
    }
    approvals, denials, forgotten, calls, ratings = (await session.execute(_is_there(), moments)).one()
    return Strips(
        undecided=await persons.undecided(session, at=at) if approvals or denials else Undecided([], []),
        forgotten=await queue.forgotten_passwords(session, at=at) if forgotten else [],
        to_call=await appointments.due(session, at=at) if calls else [],
        unhappy=await following.low_ratings(session, since=at - RATINGS_SHOWN, limit=RATINGS_AT_MOST)
        if ratings
        else [],
    )


@cache
def _is_there() -> Select[bool, bool, bool, bool, bool]:
    """Put together once; each condition is the outer part of its question, so it may say yes too often, never no."""
    return select(
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
