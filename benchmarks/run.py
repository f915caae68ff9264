"""One run of the benchmarks: how big, how long, and what must be stopped at its end."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Run:
    """``stack`` ends everything that was started, the last first, also on Ctrl-C."""

    folder: Path
    stack: ExitStack
    quick: bool
    seed: int
    name: str = ""
    started: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """Progress, aside from the table."""
        sys.stderr.write(f"{time.monotonic() - self.started:6.1f} s  {self.name}: {line}\n")
        sys.stderr.flush()

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def dice(self) -> random.Random:
        """The same throws for every benchmark of the same seed."""
        return random.Random(f"{self.seed} {self.name}")

    def rounds(self, at_most: int, *, seconds: float) -> Iterator[int]:
        """1, 2, 3 …: no further round once one more would not fit into ``seconds``."""
        begun = time.monotonic()
        for number in range(1, at_most + 1):
            spent = time.monotonic() - begun
            if number > 1 and spent + spent / (number - 1) > seconds:
                self.say(f"time is up after {number - 1} of {at_most} rounds")
                return
            yield number
