"""Named places where a test makes the desk die, fail, dawdle or find the disk full; off unless FAILPOINT says so."""

import asyncio
import errno
import os
import re
import signal
import time
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

# name → what has just happened, or is about to, when it is passed
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ingest.before_insert": "updates are here, none is stored",
        "ingest.after_insert": "updates are stored, not committed",
        "ingest.after_commit": "updates are committed, not confirmed",
        "ingest.before_ack": "the call that confirms them is about to leave",
        "lane.before_begin": "updates are prepared, their transaction has not begun",
        "lane.after_effect": "an update had its effect, its row is still open",
        "lane.before_commit": "effects and tombstones are written, not committed",
        "lane.after_commit": "effects are committed, nobody is woken",
        "album.after_part": "a part of an album is noted, not committed",
        "album.before_close": "an album is whole, its article is not there",
        "send.before_mark": "deliveries are chosen, none is marked",
        "send.after_mark": "deliveries are marked as on their way, none has left",
        "send.after_write": "a call is written, its answer not read; only a kill makes sense here",
        "send.after_response": "a call was answered, nothing is written down",
        "send.before_sent_commit": "how tries ended is written down, not committed",
        "send.after_sent_commit": "how tries ended is committed",
        "close.after_ledger": "a closing is charged, its report is not frozen",
        "close.after_report": "a closing has its report, nobody is told",
        "close.before_commit": "a closing is written, not committed",
        "mail.after_data": "a mail server has taken a mail, nothing is written down",
        "file.after_getfile": "Telegram said where a file is, no byte of it has come",
        "file.mid_stream": "some bytes of a file are in quarantine",
        "file.before_fsync": "all bytes of a file are written, perhaps not on the disk",
        "file.after_fsync": "all bytes of a file are on the disk, it has no name",
        "file.after_rename": "a file has its name in the store, its row does not know",
        "file.before_commit": "the row of a file knows it, not committed",
        "shutdown.before_stop": "the signal has come, everything still runs",
        "shutdown.after_loops": "the loops have ended, connections are open",
        "shutdown.before_close": "only the database is open",
        "backup.mid": "a backup has the database, its files are not written",
        "restore.mid": "the files of a backup are in the store, the desk here is still the old one",
        "restore.before_switch": "the old SQLite file has a second name, the new one not yet the first",
        "migrate.mid": "one migration is done, not committed",
    }
)


class Action(StrEnum):
    KILL = "kill"
    RAISE = "raise"
    DELAY = "delay"
    ENOSPC = "enospc"


class FailpointError(RuntimeError):
    """What ``raise`` raises: an error nobody foresaw."""


class UnknownFailpointError(ValueError):
    """FAILPOINT names no place or nothing to do there; one sentence for the operator."""


DELAY_SECONDS = 0.5


class _Armed:
    """What happens at the ``nth`` passing of one place, that time only."""

    def __init__(self, nth: int, action: Action) -> None:
        self._left, self._action = nth, action

    def passes(self) -> Action | None:
        self._left -= 1
        return self._action if self._left == 0 else None


_armed: Mapping[str, _Armed] = MappingProxyType({})


def arm(text: str) -> None:
    """Set the places of ``name[:n][=kill|raise|delay|enospc], …``; empty: none. Raises UnknownFailpointError."""
    global _armed
    _armed = MappingProxyType(dict(_parse(part.strip()) for part in text.split(",") if part.strip()))


def failpoint(name: str) -> None:
    """Pass the place ``name``; a delay holds up the whole thread."""
    if _armed and _act(name) is Action.DELAY:
        time.sleep(DELAY_SECONDS)


async def failpoint_async(name: str) -> None:
    """Pass the place ``name``; a delay holds up only the task."""
    if _armed and _act(name) is Action.DELAY:
        await asyncio.sleep(DELAY_SECONDS)


def is_armed(name: str) -> bool:
    """Whether a place that costs something to watch is worth it."""
    return name in _armed


def _parse(text: str) -> tuple[str, _Armed]:
    match = re.fullmatch(r"([\w.]+)(?::(\d+))?(?:=(\w+))?", text)
    if match is None or match[1] not in NAMES or match[2] == "0" or (match[3] or "kill") not in set(Action):
        raise UnknownFailpointError(f"FAILPOINT ({text!r}): expected name[:n][=kill|raise|delay|enospc].")
    return match[1], _Armed(int(match[2] or 1), Action(match[3] or "kill"))


def _act(name: str) -> Action | None:
    armed = _armed.get(name)
    action = armed.passes() if armed else None
    if action is not None:
        os.write(2, f"failpoint {name}: {action}\n".encode())  # unbuffered: the next line may be the last
    if action is Action.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    if action is Action.RAISE:
        raise FailpointError(name)
    if action is Action.ENOSPC:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return action
