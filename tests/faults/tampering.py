"""What a desk under test cannot know of: a clock that is put forward and back, an operation that fails.

Only things that are not ours are changed: the standard library's clock, SQLAlchemy's events, the HTTP client.
"""

import os
import signal
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy
from sqlalchemy import event
from telegram.request import BaseRequest

from core import clock

DAY = timedelta(days=1)
EXPECTED = "an operation fails as it was asked to"


def tamper(environ: Mapping[str, str]) -> None:
    """``CLOCK_STEPS=1``: SIGUSR1 puts the clock a day forward, SIGUSR2 a day back. ``OPERATION=kill:7`` or
    ``raise:7``: what the 7th statement, commit, call or fsync meets. SIGUSR1 then tells how many there were."""
    if environ.get("CLOCK_STEPS"):
        _step_clock()
    if asked := environ.get("OPERATION"):
        action, _, number = asked.partition(":")
        _count_operations(action, int(number))


def _step_clock() -> None:
    offset = timedelta()

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + offset

    def put(number: int, _frame: object) -> None:
        nonlocal offset
        offset += DAY if number == signal.SIGUSR1 else -DAY

    clock.datetime = Stepped  # type: ignore[attr-defined]
    signal.signal(signal.SIGUSR1, put)
    signal.signal(signal.SIGUSR2, put)


def _count_operations(action: str, number: int) -> None:
    count = 0

    def operation(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.write(2, f"operation {number}: {action}\n".encode())
            if action == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise RuntimeError(EXPECTED)

    def tell(_number: int, _frame: object) -> None:
        os.write(2, f"operations so far: {count}\n".encode())

    signal.signal(signal.SIGUSR1, tell)
    event.listen(sqlalchemy.Engine, "before_cursor_execute", operation)
    event.listen(sqlalchemy.Engine, "commit", operation)
    _before(BaseRequest, "_request_wrapper", operation)
    _before(os, "fsync", operation)


def _before(owner: Any, name: str, operation: Callable[[], None]) -> None:
    """Let each call of ``owner.name`` count first."""
    call = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        operation()
        return call(*arguments, **named)

    setattr(owner, name, counted)
