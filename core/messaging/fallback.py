"""What a chat did not take goes to the company by e-mail: once per article or change, however many chats failed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import addresses, letterhead, outbox
from core.messaging.outbox import REPEATABLE, Subject
from core.models import (
    Attachment,
    Channel,
    DeliveryState,
    OutboxRow,
    Ticket,
    Urgency,
)
from core.render import email, telegram
from core.render.office import Office

NOT_TAKEN = (DeliveryState.PARKED, DeliveryState.UNCERTAIN)
FRESH = timedelta(days=1)  # an address registered today is no reason to mail the news of last month
FILES_LIMIT = 18_000_000  # bytes; as base64 this is what many mail servers take at most, 25 MB


@dataclass(frozen=True)
class _Story:
    """One article or change as it was pushed to one chat, in one or several rows."""

    ticket: Ticket
    name: str
    rows: Sequence[OutboxRow]


async def carry(session: WriteSession, lanes: Collection[str], *, office: Office) -> None:
    """Put the mails for what these chats did not take. A closing mails its report anyway, answers are not mailed."""
    lost = await _not_carried(session, lanes)
    for name in dict.fromkeys(map(_story_of, lost)):
        rows = [row for row in lost if _story_of(row) == name]
        story = await _story(session, name, rows[0])
        mails = await _mail(session, story, office=office)
        if mails:
            await session.execute(
                update(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows])).values(carried_by_id=mails[0].id)
            )


async def _not_carried(session: ReadSession, lanes: Collection[str]) -> Sequence[OutboxRow]:
    rows = await session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.lane.in_(lanes),
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.state.in_(NOT_TAKEN),
            OutboxRow.urgency != Urgency.ANSWER,
            OutboxRow.method.not_in(REPEATABLE),
            OutboxRow.ticket_id.is_not(None),
            OutboxRow.carried_by_id.is_(None),
            OutboxRow.created_at > now() - FRESH,
            ~outbox.is_retracted(),
        )
        .order_by(OutboxRow.id)
    )
    return [row for row in rows if row.report_id is None and "-closed-" not in _story_of(row)]


def _story_of(row: OutboxRow) -> str:
    """The dedupe key without chat and page: the same for everybody who was to read it."""
    return row.dedupe_key.rpartition(f"-{row.lane}-")[0] if row.dedupe_key else f"row-{row.id}"


async def _story(session: ReadSession, name: str, row: OutboxRow) -> _Story:
    """The whole of what was pushed to the chat of this row: one page of it may have arrived."""
    ticket = await session.get_one(Ticket, row.ticket_id, options=[joinedload(Ticket.company)])
    rows = await session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.ticket_id == row.ticket_id,
            OutboxRow.lane == row.lane,
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.method.not_in(REPEATABLE),
        )
        .order_by(OutboxRow.id)
    )
    return _Story(ticket, name, [other for other in rows if _story_of(other) == name])


async def _mail(session: WriteSession, story: _Story, *, office: Office) -> Sequence[OutboxRow]:
    """One row for each address on the company's record; none where it has no address: staff see the push."""
    company_id = story.ticket.company_id
    mailboxes = await addresses.of_company(session, company_id)
    if not mailboxes:
        return ()
    letter, attached = await _letter(session, story, office=await letterhead.read(session, office))
    about = Subject(ticket_id=story.ticket.id, article_id=story.rows[0].article_id)
    return [
        await outbox.put(
            session,
            outbox.mail_lane(f"mail-{company_id}", address),
            "mail",
            letter.payload(address, attachments=attached),
            channel=Channel.EMAIL,
            urgency=Urgency.NEWS,
            dedupe_key=f"{story.name}-mail-{outbox.key_to(address)}",
            about=about,
        )
        for address in mailboxes
    ]


async def _letter(
    session: ReadSession, story: _Story, *, office: Office
) -> tuple[email.Email, Sequence[Mapping[str, Any]]]:
    """The words of the push and the files it brought, as many as a mail can hold."""
    words = [telegram.words_of(row.payload) for row in story.rows]
    files = [row.payload["document"] for row in story.rows if "sha256" in row.payload.get("document", {})]
    sizes = await _sizes(session, story.rows[0].article_id)
    attached: list[dict[str, Any]] = []
    left_out: list[str] = []
    room = FILES_LIMIT
    for file in files:
        size = sizes.get(file["sha256"], 0)
        if size > room:
            left_out.append(file["name"])
        else:
            room -= size
            attached.append(file)
    letter = email.render_push(
        number=story.ticket.number,
        subject=story.ticket.subject,
        words="\n".join(filter(None, words)),
        left_out=left_out,
        office=office,
    )
    return letter, attached


async def _sizes(session: ReadSession, article_id: int | None) -> dict[str | None, int]:
    """Bytes of an article's files, by hash."""
    if article_id is None:
        return {}
    rows = await session.execute(
        select(Attachment.sha256, Attachment.size).where(Attachment.article_id == article_id)
    )
    return {sha256: size or 0 for sha256, size in rows}
