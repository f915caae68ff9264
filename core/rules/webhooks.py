"""Outgoing webhooks: what programs are told, which addresses may be called, and how what is sent is signed."""

import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from core.rules.retries import Outcome

URL_LONGEST = 500
AT_MOST = 10  # subscriptions: a receiver that hangs holds one of the sender's places
LONGEST_WAIT = timedelta(minutes=30)  # between two tries
GIVE_UP = timedelta(days=3)  # of failure, and the desk turns the subscription off
ALARM_AFTER = timedelta(hours=1)


class Happening(StrEnum):
    """What a subscription may ask to be told. An internal note is none of it, so none can go out."""

    TICKET_CREATED = "ticket.created"
    ARTICLE_ADDED = "article.added"
    STATE_CHANGED = "ticket.state_changed"
    TICKET_CLOSED = "ticket.closed"


PING = "ping"  # the test, which every subscription gets


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    FAILED = "failed"  # turned off by the desk


class AddressFlaw(StrEnum):
    """Why an address cannot be called."""

    NO_ADDRESS = "no_address"
    NOT_HTTPS = "not_https"
    HAS_PASSWORD = "has_password"  # noqa: S105 - no secret
    NOT_PUBLIC = "not_public"


# What the receiver has read and does not want: the same body again makes little sense.
_NOT_WANTED = frozenset({400, 413, 415, 422})

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # all of IPv6 the internet gives out: whatever else is meant stays inside


def address_flaw(url: str, *, loopback: bool) -> AddressFlaw | None:
    """What stands against calling this address; ``loopback``: this machine is allowed, without TLS, too."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return AddressFlaw.NO_ADDRESS
    if not host or parts.scheme not in {"http", "https"} or len(url) > URL_LONGEST or not url.isprintable():
        return AddressFlaw.NO_ADDRESS
    if " " in url or parts.fragment:
        return AddressFlaw.NO_ADDRESS
    if parts.username or parts.password:
        return AddressFlaw.HAS_PASSWORD
    is_here = host == "localhost" or _is_loopback(host)
    if is_here:
        return None if loopback else AddressFlaw.NOT_PUBLIC
    if parts.scheme != "https":
        return AddressFlaw.NOT_HTTPS
    return None if _is_name(host) or may_be_called(host, loopback=loopback) else AddressFlaw.NOT_PUBLIC


def may_be_called(ip: str, *, loopback: bool) -> bool:
    """Whether a connection to this IP address leaves for the public internet, however it is written."""
    address = _meant(ip_address(ip.partition("%")[0]))
    if address.is_loopback:
        return loopback
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast


def signature(secret: str, timestamp: int, body: str) -> str:
    """What the header says: whoever has the secret can make it anew and compare."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def outcome_of(status: int) -> Outcome | None:
    """How a try ended that was answered; None is well. A redirect is not followed: it may lead anywhere."""
    if 200 <= status < 300:
        return None
    return Outcome.BAD_CONTENT if status in _NOT_WANTED else Outcome.REFUSED


def host_of(url: str) -> str:
    """The part of an address that is no secret: others keep theirs in the path."""
    return urlsplit(url).hostname or ""


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_loopback(host: str) -> bool:
    return not _is_name(host) and _meant(ip_address(host.partition("%")[0])).is_loopback


def _is_name(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return False
