"""What a setting may hold besides text and numbers, and what an address says of itself."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_INSIDE = (".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".intranet", ".test", ".invalid")

SWITCH = {word: word in {"on", "true", "yes", "1"} for word in ("on", "true", "yes", "1", "off", "false", "no", "0")}


@dataclass(frozen=True)
class ChatRate:
    """Messages to one chat: ``per_second`` on average, ``burst`` at once."""

    per_second: float
    burst: int

    @classmethod
    def parse(cls, text: str) -> "ChatRate":
        """Read ``1/s burst 3`` (``burst`` may be left out: 1)."""
        match = re.fullmatch(r"\s*([\d.]+)\s*/\s*s(?:\s+burst\s+(\d+))?\s*", text)
        if not match or float(match[1]) <= 0 or match[2] == "0":
            raise ValueError('expected a rate such as "1/s burst 3"')
        return cls(float(match[1]), int(match[2] or 1))


@dataclass(frozen=True)
class BackupKeep:
    """How many of the last hours, days and weeks keep a backup."""

    hourly: int = 0
    daily: int = 0
    weekly: int = 0

    @classmethod
    def parse(cls, text: str) -> "BackupKeep":
        """Read ``24h 7d 5w``; what is not named is 0, but something must stay."""
        counts = {unit: int(count) for count, unit in re.findall(r"(\d+)\s*([hdw])", text)}
        if not re.fullmatch(r"\s*(\d+\s*[hdw]\s*)+", text) or not any(counts.values()):
            raise ValueError('expected counts such as "24h 7d 5w"')
        return cls(counts.get("h", 0), counts.get("d", 0), counts.get("w", 0))


def is_public(address: str) -> bool:
    """Whether somebody on a phone can open the address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        is_reached = ip_address(host).is_global
    except ValueError:
        is_reached = "." in host and not host.endswith(_INSIDE)
    return parts.scheme == "https" and is_reached
