"""A technician's own chat: linked by a one-time link from the panel, told as they wish, and parted at once."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.actions import audit
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.messaging import outbox
from core.models import Channel, DeliveryState, Desk, OutboxRow, Person, StaffChat, StaffChatLink, Technician
from core.queries import staff_chats
from core.rules.alerts import LINK_LIVES, LINK_PREFIX, NEEDS, Alert, Wish
from core.rules.permissions import allows


async def make_link(session: WriteSession, actor: Technician) -> tuple[str, datetime]:
    """The address of a link, told this once, and how long it is good; the ones before lead nowhere any more."""
    desk = await session.get_one(Desk, 1)
    if not desk.bot_username:
        raise ConflictError(N_("The bot has not been started yet, so its name is not known. Start it and try again."))
    await _use_up_links(session, actor)
    token, expires_at = f"{LINK_PREFIX}{secrets.token_urlsafe(32)}", now() + LINK_LIVES
    session.add(StaffChatLink(token_sha256=_sha256(token), technician_id=actor.id, expires_at=expires_at))
    await session.flush()
    return f"https://t.me/{desk.bot_username}?start={token}", expires_at


async def accept(session: WriteSession, person: Person, token: str) -> Technician | None:
    """Make this chat the technician's; None for a link that is unknown, used up or too old."""
    link = await session.scalar(
        select(StaffChatLink)
        .where(StaffChatLink.token_sha256 == _sha256(token))
        .options(joinedload(StaffChatLink.technician))
        .with_for_update(of=StaffChatLink)
        .execution_options(populate_existing=True)
    )
    moment = now()
    if link is None or link.used_at is not None or link.expires_at <= moment or link.technician.disabled_at:
        return None
    link.used_at = moment
    technician = link.technician
    before = await staff_chats.of_technician(session, technician.id)
    for taken in (before, await staff_chats.of_chat(session, person.telegram_id)):
        if taken is not None:
            await _end(session, taken)
    await session.flush()
    session.add(
        StaffChat(
            technician_id=technician.id,
            chat_id=person.telegram_id,
            wishes=before.wishes if before else {},
            linked_at=moment,
        )
    )
    audit.record(session, technician, "technician.chat_linked", on=f"technician {technician.username}")
    return technician


async def wish(session: WriteSession, actor: Technician, wishes: Mapping[str, str]) -> None:
    """When to be told of what. Raises InvalidError, and ConflictError where no chat is linked."""
    chat = await staff_chats.of_technician(session, actor.id)
    if chat is None:
        raise ConflictError(N_("No chat is linked."))
    theirs = [alert for alert in Alert if allows(actor.role, NEEDS[alert])]
    for alert in theirs:
        if wishes.get(alert) not in set(Wish):
            raise InvalidError(N_("Choose when to be told."), field=alert.value)
    chat.wishes = {alert.value: wishes[alert] for alert in theirs}


async def part(session: WriteSession, technician: Technician) -> None:
    """Nothing of the desk reaches the chat any more, not even what waits for it; a link that is out leads nowhere."""
    await _use_up_links(session, technician)
    chat = await staff_chats.of_technician(session, technician.id)
    if chat is not None:
        await _end(session, chat)
        audit.record(session, technician, "technician.chat_parted", on=f"technician {technician.username}")


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def key_of(technician_id: int, what: str) -> str:
    """The dedupe key of an alert."""
    return f"{_prefix(technician_id)}{what}"


def _prefix(technician_id: int) -> str:
    return f"staff-{technician_id}-"


async def _use_up_links(session: WriteSession, technician: Technician) -> None:
    await session.execute(
        update(StaffChatLink)
        .where(StaffChatLink.technician_id == technician.id, StaffChatLink.used_at.is_(None))
        .values(used_at=now())
    )


async def _end(session: WriteSession, chat: StaffChat) -> None:
    """The chat may be a customer's as well: only alerts are cancelled."""
    chat.ended_at = now()
    await outbox.write_posted(session)
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.lane == str(chat.chat_id),
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.state.in_(outbox.CANCELLABLE),
            OutboxRow.dedupe_key.startswith(_prefix(chat.technician_id), autoescape=True),
        )
        .values(state=DeliveryState.CANCELLED)
    )
