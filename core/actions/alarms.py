"""Raises an alarm when something is wrong with the desk, keeps it while it lasts, and ends it, telling the staff."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from core.actions import alerts, heartbeats
from core.actions.alerts import Told
from core.clock import now
from core.db import WriteSession, insert_into
from core.messaging import letterhead, outbox
from core.models import Alarm, Beat, Channel, Urgency
from core.queries.health import Watched, facts
from core.queries.heartbeats import last
from core.render import alarms as words
from core.render.email import render_alarm
from core.render.office import Office
from core.rules.alarms import QUIET, AlarmKind, Trouble, troubles
from core.rules.alerts import Alert

LANE = "alarms"
JUMP_SECONDS = 60

# What a mail about would wait for the trouble's own end.
_NOT_BY_MAIL = frozenset({AlarmKind.MAIL_FAILING})
_THIS_PROCESS = uuid.uuid4().hex


@dataclass(frozen=True)
class Staff:
    """Who is told, in whose name; without an address the panel alone shows alarms."""

    office: Office
    address: str


async def sweep(session: WriteSession, *, watched: Watched, staff: Staff) -> None:
    """Look at the desk and bring its alarms up to date."""
    moment = now()
    await _tick(session, moment)
    await keep(session, troubles(await facts(session, watched, moment=moment), moment), staff=staff, moment=moment)


async def keep(session: WriteSession, found: Sequence[Trouble], *, staff: Staff, moment: datetime) -> None:
    """Open an alarm for each new trouble, renew those that last, close those that have been away for a while."""
    known = {alarm.kind: alarm for alarm in await session.scalars(select(Alarm).where(Alarm.closed_at.is_(None)))}
    for trouble in found:
        alarm = known.pop(trouble.kind, None)
        if alarm is None:
            await _open(session, trouble, staff=staff, moment=moment)
        else:
            alarm.level, alarm.detail, alarm.seen_at = trouble.level, dict(trouble.detail), moment
    for alarm in known.values():
        # both ways: a clock that was set back must not keep an alarm for ever
        if abs(moment - alarm.seen_at) >= QUIET:
            await _close(session, alarm, staff=staff, moment=moment)


async def _open(session: WriteSession, trouble: Trouble, *, staff: Staff, moment: datetime) -> None:
    values: dict[str, Any] = {
        "kind": trouble.kind,
        "level": trouble.level,
        "since": trouble.since,
        "detail": dict(trouble.detail),
        "opened_at": moment,
        "seen_at": moment,
    }
    statement = insert_into(session.dialect, Alarm).values(values).on_conflict_do_nothing().returning(Alarm)
    alarm = await session.scalar(statement)
    if alarm is not None:  # else another process was quicker, and tells
        await _tell(session, alarm, staff=staff, is_over=False)


async def _close(session: WriteSession, alarm: Alarm, *, staff: Staff, moment: datetime) -> None:
    closed = await session.scalar(
        update(Alarm)
        .where(Alarm.id == alarm.id, Alarm.closed_at.is_(None))
        .values(closed_at=moment)
        .returning(Alarm.id)
    )
    if closed is not None:
        await _tell(session, alarm, staff=staff, is_over=True)


async def _tell(session: WriteSession, alarm: Alarm, *, staff: Staff, is_over: bool) -> None:
    ending = "over" if is_over else "opened"
    told = Told(Alert.ALARM, f"alarm-{alarm.id}-{ending}", staff.office, alarm=alarm, is_over=is_over)
    alerts.note(session, told)
    if not staff.address or alarm.kind in _NOT_BY_MAIL:
        return
    office = await letterhead.read(session, staff.office)
    address = f"{office.panel_url}{words.place(alarm)}" if office.panel_url else ""
    mail = render_alarm(alarm, office=office, address=address, is_over=is_over)
    outbox.post(
        session,
        outbox.mail_lane(LANE, staff.address),
        "mail",
        mail.payload(staff.address),
        channel=Channel.EMAIL,
        urgency=Urgency.NEWS,
        dedupe_key=f"alarm-{alarm.id}-{ending}",
    )


async def _tick(session: WriteSession, moment: datetime) -> None:
    """Note that the clock's sweeps run; a wall clock that moved otherwise than time itself has jumped."""
    steady = time.monotonic()
    before = await last(session, Beat.TICK)
    if before is not None and before.detail.get("process") == _THIS_PROCESS:
        jump = (moment - before.at).total_seconds() - (steady - before.detail["steady"])
        if abs(jump) >= JUMP_SECONDS:
            await heartbeats.note(session, Beat.CLOCK_JUMP, at=moment, detail={"seconds": round(jump)})
    await heartbeats.note(session, Beat.TICK, at=moment, detail={"process": _THIS_PROCESS, "steady": steady})
