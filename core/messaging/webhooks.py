"""The channel for outgoing webhooks: one POST per row, to public addresses only, and what each answer means."""

import errno
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from cryptography.fernet import InvalidToken
from sqlalchemy import select

from core.clock import now
from core.db import Database
from core.messaging.channel import Delivery, DeliveryError
from core.messaging.vault import Vault
from core.models import Subscription
from core.rules.retries import Outcome
from core.rules.webhooks import LONGEST_WAIT, SubscriptionState, address_flaw, may_be_called, outcome_of, signature

PURPOSE = b"webhooks"  # of the vault that keeps their secrets
METHOD = "webhook"
PAUSED, REMOVED, UNREADABLE = "paused", "removed", "the secret cannot be read"
NOT_PUBLIC = "not a public address"

TIMES = aiohttp.ClientTimeout(total=10, connect=5)

# What went wrong before anything of the request was written.
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    secret: str


class WebhookChannel:
    """Tells programs what happened. A payload is ``{"to", "id", "event", "body"}``, the body as it is signed.

    A repetition has the same id, so the other side can tell. ``loopback``: this machine may be called, too.
    """

    def __init__(self, database: Database, vault: Vault, *, loopback: bool) -> None:
        self._database, self._vault, self._loopback = database, vault, loopback

    async def send(self, delivery: Delivery) -> str:
        """The status of the answer. Raises DeliveryError."""
        target = await self._target(delivery.lane)
        flaw = address_flaw(target.url, loopback=self._loopback)
        if flaw is not None:
            raise DeliveryError(Outcome.NOT_SENT, NOT_PUBLIC)
        status, retry_after = await self._post(target, delivery.payload)
        outcome = outcome_of(status)
        if outcome is not None:
            raise DeliveryError(outcome, f"HTTP {status}", retry_after=retry_after)
        return f"HTTP {status}"

    async def probe(self) -> None:
        """One address says nothing about the others: there is nobody to ask."""

    async def _target(self, lane: str) -> _Target:
        """Raises DeliveryError where nothing may go there any more."""
        number = int(lane.rpartition("-")[2])
        async with self._database.read() as session:
            found = await session.scalar(select(Subscription).where(Subscription.id == number))
        if found is None or found.removed_at is not None or found.secret is None:
            raise DeliveryError(Outcome.BAD_CHAT, REMOVED)
        if found.state is not SubscriptionState.ACTIVE:
            raise DeliveryError(Outcome.BAD_CHAT, PAUSED)
        try:
            return _Target(found.url, self._vault.unlock(found.secret).decode())
        except InvalidToken:  # the desk has another secret key than it was made with
            raise DeliveryError(Outcome.NOT_SENT, UNREADABLE) from None

    async def _post(self, target: _Target, payload: dict[str, Any]) -> tuple[int, float | None]:
        """Status and Retry-After. The answer's body is nothing to us, and is not read."""
        body, timestamp = str(payload["body"]), int(now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Ventanilla",
            "X-Ventanilla-Event": str(payload["event"]),
            "X-Ventanilla-Delivery": str(payload["id"]),
            "X-Ventanilla-Timestamp": str(timestamp),
            "X-Ventanilla-Signature": signature(target.secret, timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(force_close=True, socket_factory=_public_only(self._loopback)),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=TIMES,
                ) as http,
                http.post(target.url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status, _seconds(answer.headers.get("Retry-After", ""))
        except _NEVER_LEFT as error:
            raise DeliveryError(Outcome.NOT_SENT, _detail(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryError(Outcome.DOUBTFUL, _detail(error)) from None


def written(event: str, body: dict[str, Any]) -> str:
    """A body as it goes out and is signed."""
    return json.dumps({"event": event, **body}, ensure_ascii=False, separators=(",", ":"))


def _public_only(loopback: bool) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Makes sockets only towards the public internet: asked after names are resolved, for each address."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not may_be_called(str(address[0]), loopback=loopback):
            raise OSError(errno.EACCES, NOT_PUBLIC)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _seconds(text: str) -> float | None:
    """As long as they ask for, but no longer than we wait for anybody."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return min(float(text), LONGEST_WAIT.total_seconds())


def _detail(error: BaseException) -> str:
    return NOT_PUBLIC if NOT_PUBLIC in str(error) else " ".join(f"{type(error).__name__} {error}".split())[:300]
