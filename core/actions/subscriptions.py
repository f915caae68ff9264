"""Outgoing webhooks: made, paused, given another secret, tried out, removed, and turned off after days of failure."""

import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update

from core.actions import audit, deliveries, happenings
from core.actions.authorize import authorize
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.messaging import outbox, webhooks
from core.messaging.vault import Vault
from core.models import OPEN_DELIVERIES, Channel, DeliveryState, Desk, OutboxRow, Subscription, Technician
from core.queries import outward, subscriptions
from core.rules.permissions import Permission
from core.rules.webhooks import AT_MOST, GIVE_UP, PING, AddressFlaw, Happening, SubscriptionState, address_flaw
from core.wake import Topic

FLAW_WORDS: Mapping[AddressFlaw, str] = {
    AddressFlaw.NO_ADDRESS: N_("Write an address such as https://example.org/ventanilla."),
    AddressFlaw.NOT_HTTPS: N_("The address must begin with https://."),
    AddressFlaw.HAS_PASSWORD: N_(
        "The address must not have a user or password in it; the signature proves who calls."
    ),
    AddressFlaw.NOT_PUBLIC: N_("This address is not on the public internet."),
}


def vault_of(secret_key: bytes) -> Vault:
    """Where the secrets of subscriptions are kept."""
    return Vault(secret_key, purpose=webhooks.PURPOSE)


async def add(
    session: WriteSession, actor: Technician, *, url: str, events: Collection[str], vault: Vault
) -> tuple[Subscription, str]:
    """A new one, with its secret, which is told this once. Raises InvalidError, ConflictError for one too many."""
    authorize(actor, Permission.EDIT_SETTINGS)
    url = url.strip()
    desk = await session.get_one(Desk, 1, with_for_update=True)
    flaw = address_flaw(url, loopback=bool(desk.is_demonstration))
    if flaw is not None:
        raise InvalidError(FLAW_WORDS[flaw], field="url")
    known = [event.value for event in Happening if event in events]
    if not known or len(known) != len(set(events)):
        raise InvalidError(N_("Choose at least one event."), field="events")
    if await _count(session) >= AT_MOST:
        raise ConflictError(N_("There are %(n)s subscriptions already; remove one first."), n=AT_MOST)
    moment, secret = now(), _new_secret()
    subscription = Subscription(
        url=url,
        secret=vault.lock(secret.encode()),
        events=known,
        technician=actor,
        created_at=moment,
        active_since=moment,
    )
    session.add(subscription)
    await session.flush()
    _record(session, actor, "webhook.added", subscription, events=known)
    return subscription, secret


async def pause(session: WriteSession, actor: Technician, subscription: Subscription) -> None:
    """Nothing more is put into its row; what waits there stays for the day it goes on."""
    authorize(actor, Permission.EDIT_SETTINGS)
    if subscription.paused_at is None:
        subscription.paused_at, subscription.failed_at = now(), None
        await _park(session, subscription)
        _record(session, actor, "webhook.paused", subscription)


async def resume(session: WriteSession, actor: Technician, subscription: Subscription) -> None:
    """It is told again, first what waited."""
    authorize(actor, Permission.EDIT_SETTINGS)
    if subscription.state is SubscriptionState.ACTIVE:
        return
    subscription.paused_at = subscription.failed_at = None
    subscription.active_since = now()
    await _move(session, subscription, {DeliveryState.PARKED}, DeliveryState.QUEUED)
    session.wake(Topic.OUTBOX)
    _record(session, actor, "webhook.resumed", subscription)


async def rotate(session: WriteSession, actor: Technician, subscription: Subscription, *, vault: Vault) -> str:
    """Another secret, which is told this once; from now on only it signs."""
    authorize(actor, Permission.EDIT_SETTINGS)
    secret = _new_secret()
    subscription.secret = vault.lock(secret.encode())
    _record(session, actor, "webhook.secret_changed", subscription)
    return secret


async def remove(session: WriteSession, actor: Technician, subscription: Subscription) -> None:
    """It is never told anything again; the secret is forgotten."""
    authorize(actor, Permission.EDIT_SETTINGS)
    subscription.removed_at, subscription.secret = now(), None
    await _move(session, subscription, outbox.CANCELLABLE, DeliveryState.CANCELLED)
    _record(session, actor, "webhook.removed", subscription)


async def test(session: WriteSession, actor: Technician, subscription: Subscription) -> None:
    """A delivery that says nothing, to see whether it arrives. Raises ConflictError where it is not active."""
    authorize(actor, Permission.EDIT_SETTINGS)
    if subscription.state is not SubscriptionState.ACTIVE:
        raise ConflictError(N_("The subscription is not active; turn it on first."))
    happenings.tell(session, subscription, PING, {"at": outward.moment(now())})


async def retry(session: WriteSession, actor: Technician, subscription: Subscription, row_id: int) -> None:
    """Try one of its deliveries at once: a failed one again, a waiting one earlier. Raises NotFoundError."""
    authorize(actor, Permission.EDIT_SETTINGS)
    row = await session.get(OutboxRow, row_id, with_for_update=True, populate_existing=True)
    if row is None or row.lane != subscription.lane or row.channel is not Channel.WEBHOOK:
        raise NotFoundError
    if subscription.state is not SubscriptionState.ACTIVE:
        raise ConflictError(N_("The subscription is not active; turn it on first."))
    if row.state is DeliveryState.QUEUED:
        row.due_at = now()
        session.wake(Topic.OUTBOX)
    else:
        await deliveries.retry(session, actor, row_id)


async def turn_off_failing(session: WriteSession) -> None:
    """Who has not taken anything for days is not told any more until somebody looks at it: an alarm says so."""
    moment = now()
    for number, since in (await subscriptions.failing_since(session)).items():
        if moment - since >= GIVE_UP:
            subscription = await subscriptions.by_id(session, number, lock=True)
            subscription.failed_at = moment
            await _park(session, subscription)
            _record(session, None, "webhook.turned_off", subscription)


async def _count(session: ReadSession) -> int:
    query = select(func.count()).select_from(Subscription).where(Subscription.removed_at.is_(None))
    return await session.scalar(query) or 0


async def _park(session: WriteSession, subscription: Subscription) -> None:
    await _move(session, subscription, OPEN_DELIVERIES - {DeliveryState.SENDING}, DeliveryState.PARKED)


async def _move(
    session: WriteSession, subscription: Subscription, before: Collection[DeliveryState], after: DeliveryState
) -> None:
    await outbox.write_posted(session)
    values = {"state": after, "due_at": now()}
    if after is DeliveryState.PARKED:
        values["error"] = webhooks.PAUSED
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.lane == subscription.lane,
            OutboxRow.channel == Channel.WEBHOOK,
            OutboxRow.state.in_(before),
        )
        .values(values)
    )


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _record(
    session: WriteSession, actor: Technician | None, action: str, subscription: Subscription, **data: object
) -> None:
    audit.record(session, actor, action, on=f"webhook {subscription.id}", host=subscription.host, **data)
