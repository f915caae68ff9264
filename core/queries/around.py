"""Who asks for a page, and what stands around it: one question tells, and only what there is is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, select

from core.db import Moment, ReadSession
from core.messaging import letterhead
from core.models import Alarm, Appointment, AppointmentState, Desk, StaffSession, Technician, Timer
from core.queries import appointments, deliveries, news, staff, times
from core.queries.alarms import open_alarms
from core.queries.written import Loaded, Written
from core.render.office import Office
from core.rules.permissions import Permission, allows

_SIGNS = 5
_SESSION, _TECHNICIAN = Loaded(StaffSession), Loaded(Technician)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``calls``: those agreed for about now that this technician has to make.

    ``troubles``: deliveries and updates that need a person, for who may act on them; else 0.
    ``come``: how far the page knows what came in for the desk.
    """

    troubles: int = 0
    alarms: Sequence[Alarm] = ()
    timers: Sequence[Timer] = ()
    calls: Sequence[Appointment] = ()
    come: int = 0


@dataclass(frozen=True, slots=True)
class LogIn:
    """A log-in with its technician, the office as it is now, and what ``read`` wants to know, if that was asked."""

    session: StaffSession
    office: Office
    there: Sequence[Any]


async def of_log_in(
    session: ReadSession, token_sha256: str, *, at: datetime, office: Office, is_page: bool
) -> LogIn | None:
    """The log-in behind a cookie, unless it is over as ``staff.session_of`` says; a form needs no signs."""
    wanted = staff.log_in(token_sha256, at=at) | {"soon": at + appointments.NEAR}
    row = await _of_log_in(is_page=is_page).one(session, wanted)
    if row is None:
        return None
    values = iter(row)
    found = _SESSION.of(values, technician=_TECHNICIAN.of(values))
    assert found is not None
    there = list(islice(values, _SIGNS if is_page else 0))
    return LogIn(found, letterhead.under(list(values), office), there)


async def of_technician(session: ReadSession, technician: Technician, *, at: datetime) -> Surroundings:
    wanted = {"technician_id": technician.id, "soon": at + appointments.NEAR}
    return await read(session, technician, (await session.execute(_of_technician(), wanted)).one(), at=at)


async def read(session: ReadSession, technician: Technician, there: Sequence[Any], *, at: datetime) -> Surroundings:
    troubles, alarms, timers, calls, come = there
    return Surroundings(
        troubles=deliveries.shown(troubles) if allows(technician.role, Permission.RETRY_DELIVERY) else 0,
        alarms=await open_alarms(session) if alarms else (),
        timers=await times.of_technician(session, technician) if timers else (),
        calls=await appointments.near(session, technician, at=at) if calls else (),
        come=come,
    )


@cache
def _of_log_in(*, is_page: bool) -> Written:
    signs = _there() if is_page else ()
    query = select(*_TECHNICIAN.columns, *_SESSION.columns, *signs, *letterhead.columns()).select_from(StaffSession)
    return Written(letterhead.on_desk(staff.in_force(query).join(Desk, Desk.id == 1)))


@cache
def _of_technician() -> Select[*tuple[Any, ...]]:
    return select(*_there()).where(Technician.id == bindparam("technician_id"))


def _there() -> Sequence[ColumnElement[Any]]:
    """The ``_SIGNS`` conditions. Each is a superset of its question: it may say yes too often, never no."""
    return (
        deliveries.needing_a_person_sum(),
        exists().where(Alarm.closed_at.is_(None)),
        exists().where(Timer.technician_id == Technician.id).correlate(Technician),
        exists().where(
            Appointment.state == AppointmentState.AGREED, Appointment.at <= bindparam("soon", type_=Moment())
        ),
        news.mark(),
    )
