"""The figures of the desk at this moment; none of them tells about a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.db import ReadSession
from core.models import Attachment, DeliveryAttempt, FileState, InboxRow, InboxState, OutboxRow, Report
from core.queries import alarms
from core.queries.health import is_open, is_troubled, one_of
from core.queries.heartbeats import heartbeats

UNDER_WAY = "under_way"


@dataclass(frozen=True)
class Figures:
    """Rows by what they are labelled with; moments of heartbeats and of the oldest open row of each queue."""

    inbox: Mapping[str, int]
    outbox: Mapping[tuple[str, ...], int]
    attempts: Mapping[str, int]
    files_pending: int
    reports_to_draw: int
    beats: Mapping[str, datetime]
    alarms: Mapping[str, str]


async def figures(session: ReadSession) -> Figures:
    """Of the outbox only what is open or in trouble: what was sent is counted by its attempts."""
    return Figures(
        inbox=await _inbox(session),
        outbox=await _outbox(session),
        attempts=await _by(session, DeliveryAttempt.outcome),
        files_pending=await _number(session, Attachment.state == FileState.PENDING),
        reports_to_draw=await _number(session, Report.pdf_sha256.is_(None)),
        beats={name: beat.at for name, beat in (await heartbeats(session)).items()},
        alarms={alarm.kind: alarm.level for alarm in await alarms.open_alarms(session)},
    )


async def _by(session: ReadSession, label: Any) -> Mapping[str, int]:
    found = await session.execute(select(label, func.count()).group_by(label))
    return {value or UNDER_WAY: number for value, number in found}


async def _inbox(session: ReadSession) -> Mapping[str, int]:
    """What is done is what is left: its rows are many, and only their index is counted."""
    open_: dict[str, int] = {
        state: await _number(session, one_of(InboxRow.state, state))
        for state in InboxState
        if state is not InboxState.DONE
    }
    total = await session.scalar(select(func.count()).select_from(InboxRow)) or 0
    return {**open_, InboxState.DONE: total - sum(open_.values())}


async def _outbox(session: ReadSession) -> Mapping[tuple[str, ...], int]:
    counted: dict[tuple[str, ...], int] = {}
    for rows in (is_open(), is_troubled()):
        labels = OutboxRow.channel, OutboxRow.state
        found = await session.execute(select(*labels, func.count()).where(rows).group_by(*labels))
        counted |= {(channel, state): number for channel, state, number in found}
    return counted


async def _number(session: ReadSession, which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).where(which)) or 0
