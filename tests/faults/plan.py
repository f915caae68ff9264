"""What one step of the table is asked to do; a scenario is an async function from a plan to a verdict."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.checker import Verdict

Say = Callable[[str], None]


def say_aloud(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Plan:
    """``first``: rounds that earlier steps have done, for those that walk through a list; ``is_warm`` forks each
    start from a process that has imported the desk; ``is_quick`` asks for the small sizes of every day; with
    ``has_limits`` the desk sends no faster than an operator's does."""

    rounds: int
    seed: int
    backend: str = "sqlite"
    first: int = 0
    customers: int = 4
    technicians: int = 2
    is_warm: bool = True
    is_quick: bool = False
    has_limits: bool = False
    say: Say = say_aloud


Scenario = Callable[[Plan], Awaitable[Verdict]]
