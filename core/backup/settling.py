"""What a desk that comes back from a backup must not do by itself: send old pushes, trust old log-ins."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select, update

from core.actions import audit, heartbeats, hours, second_factor, subscriptions
from core.backup.manifest import Manifest
from core.clock import now
from core.db import WriteSession
from core.messaging.vault import Vault
from core.models import (
    OPEN_DELIVERIES,
    Beat,
    DeliveryState,
    Heartbeat,
    InboxRow,
    OutboxRow,
    SetupLink,
    StaffSession,
    StatementOrder,
    Subscription,
    Technician,
    Ticket,
)

HELD_BECAUSE = "restored from a backup; it may have arrived long ago"


@dataclass(frozen=True)
class Settled:
    """``unreadable``: messages of customers that were waiting and that no key here opens."""

    held: int
    unreadable: int


async def settle(session: WriteSession, told: Manifest, *, here: bytes, there: bytes | None) -> Settled:
    """``here`` is the secret key of this place, ``there`` the backup's, where it is known."""
    moment = now()
    held = await session.scalars(
        update(OutboxRow)
        .where(OutboxRow.state.in_({*OPEN_DELIVERIES, DeliveryState.PARKED}))
        # whoever releases one may send it a second time: it will say so, and there is no third
        .values(state=DeliveryState.HELD, doubts=1, error=HELD_BECAUSE)
        .returning(OutboxRow.id)
    )
    settled = Settled(len(held.all()), await _open_with(session, here, there))
    await _keep_factors(session, here, there)
    await _keep_subscriptions(session, here, there)
    await _silence(session, moment)
    await session.execute(update(StaffSession).where(StaffSession.ended_at.is_(None)).values(ended_at=moment))
    await session.execute(update(SetupLink).where(SetupLink.used_at.is_(None)).values(expires_at=moment))
    await session.execute(delete(Heartbeat))  # signs of life of another desk
    await heartbeats.note(session, Beat.RESTORED, at=moment)
    audit.record(
        session,
        None,
        "desk.restored",
        on="desk",
        made_at=told.made_at.isoformat(),
        revision=told.revision,
        held=settled.held,
    )
    return settled


async def _silence(session: WriteSession, moment: datetime) -> None:
    """What was due by then has been sent, or answered, since: it is not said once more, nor asked for.

    Reminders to technicians mind ``Beat.RESTORED``: their date is shown and stays.
    """
    await session.execute(update(StatementOrder).where(StatementOrder.done_at.is_(None)).values(done_at=moment))
    await session.execute(update(Ticket).where(Ticket.request_due_at <= moment).values(request_due_at=None))
    await hours.silence(session)


async def _open_with(session: WriteSession, here: bytes, there: bytes | None) -> int:
    """Lock what waits in the inbox with this place's key; returns how many rows stay closed."""
    unreadable, mine, theirs = 0, Vault(here), Vault(there or here)
    for row in await session.scalars(select(InboxRow).where(InboxRow.raw.is_not(None))):
        try:
            if here != there:
                row.raw = mine.lock(theirs.unlock(row.raw or b""))
        except InvalidToken:
            unreadable += 1
    return unreadable


async def _keep_factors(session: WriteSession, here: bytes, there: bytes | None) -> None:
    """Lock second factors with this place's key; one that no key opens is set up anew after the next log-in."""
    mine, theirs = second_factor.vault_of(here), second_factor.vault_of(there or here)
    for technician in await session.scalars(select(Technician).where(Technician.totp_secret.is_not(None))):
        try:
            technician.totp_secret = mine.lock(theirs.unlock(technician.totp_secret or b""))
        except InvalidToken:
            await second_factor.reset(session, None, technician)


async def _keep_subscriptions(session: WriteSession, here: bytes, there: bytes | None) -> None:
    """Lock the secrets of webhooks with this place's key; one that no key opens waits for another secret."""
    mine, theirs = subscriptions.vault_of(here), subscriptions.vault_of(there or here)
    for subscription in await session.scalars(select(Subscription).where(Subscription.secret.is_not(None))):
        try:
            subscription.secret = mine.lock(theirs.unlock(subscription.secret or b""))
        except InvalidToken:
            subscription.paused_at = subscription.paused_at or now()
