"""A push that may not have arrived is named by the next one to its chat, once."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from core.clock import now
from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.messaging.outbox import REPEATABLE
from core.models import Channel, DeliveryState, OutboxRow, Person, Ticket, Urgency
from core.render.office import Office
from core.render.telegram import plain
from core.rules.limits import utf16_length

# Telegram's own limits, less what the mark of a repetition takes
_ROOM = {"text": 4096 - 30, "caption": 1024 - 30}


async def unnamed_lanes(session: ReadSession) -> set[str]:
    """The chats whose next push has something to name."""
    return set(await session.scalars(select(OutboxRow.lane).where(*_unnamed()).distinct()))


async def name(session: WriteSession, rows: Collection[OutboxRow], *, office: Office) -> set[str]:
    """Add the line to the first of these claimed pushes with room for it, per chat; the chats that are done."""
    done: set[str] = set()
    for row in rows:
        if row.lane in done or row.channel is not Channel.TELEGRAM or row.urgency is Urgency.ANSWER:
            continue
        doubted = (
            await session.execute(
                select(OutboxRow, Ticket.number)
                .outerjoin(Ticket, Ticket.id == OutboxRow.ticket_id)
                .where(*_unnamed(), OutboxRow.lane == row.lane, OutboxRow.id != row.id)
                .order_by(OutboxRow.id)
            )
        ).all()
        numbers = list(dict.fromkeys(number for _, number in doubted if number))
        if doubted and (payload := _with_line(row.payload, _line(await _reader(session, row, office), numbers))):
            row.payload = payload
            for other, _ in doubted:
                other.named_at = now()
        elif doubted:
            continue
        done.add(row.lane)
    return done


async def marks(session: ReadSession, rows: Collection[OutboxRow], *, office: Office) -> dict[int, str]:
    """How a second copy says that it is one, in the reader's language, by row."""
    found = {}
    for row in rows:
        if row.doubts and row.channel is Channel.TELEGRAM:
            t = await _reader(session, row, office)
            found[row.id] = t("(perhaps repeated)")
    return found


def _unnamed() -> Sequence[Any]:
    return (
        OutboxRow.state == DeliveryState.UNCERTAIN,
        OutboxRow.named_at.is_(None),
        OutboxRow.channel == Channel.TELEGRAM,
        OutboxRow.urgency != Urgency.ANSWER,
        OutboxRow.method.not_in(REPEATABLE),
    )


async def _reader(session: ReadSession, row: OutboxRow, office: Office) -> Translator:
    person = await session.scalar(select(Person).where(Person.telegram_id == int(row.lane)))
    return office.translators[person.reads if person else None]


def _line(t: Translator, numbers: Sequence[int]) -> str:
    if not numbers:
        return t("An earlier message may not have reached you.")
    tickets = ", ".join(f"#{number}" for number in numbers)
    return t("An earlier message about %(tickets)s may not have reached you.", tickets=tickets)


def _with_line(payload: dict[str, Any], line: str) -> dict[str, Any] | None:
    """The payload with the line below its words; None where there is no room for it."""
    for field, room in _ROOM.items():
        if field in payload and utf16_length(payload[field]) + utf16_length(line) + 2 <= room:
            return payload | {field: f"{payload[field]}\n\n{plain(line)}"}
    return None
