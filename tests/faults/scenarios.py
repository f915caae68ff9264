"""The table of everything that may go wrong: its name, how often it is tried, on which databases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.databases import BACKENDS
from tests.faults import albums, counted, flood, migrating, mutations, operations, troubles
from tests.faults.plan import Plan, Scenario

SQLITE, POSTGRESQL = ("sqlite",), ("postgresql",)


@dataclass(frozen=True)
class Row:
    """``rounds`` of the whole proof, ``leg`` of them in one step; ``quick`` ones, on ``everyday``, in a quick run:
    nowhere if a slice is a test of the suite anyway."""

    run: Scenario
    rounds: int
    quick: int
    leg: int = 20
    databases: Sequence[str] = BACKENDS
    everyday: Sequence[str] = BACKENDS


SCENARIOS: dict[str, Row] = {
    "kill": Row(troubles.killed, rounds=100, quick=10),
    "cold": Row(troubles.killed_cold, rounds=20, quick=0, leg=10),
    "failpoint-kill": Row(
        partial(troubles.failing, action="kill"), len(troubles.places("kill")), quick=10, everyday=SQLITE
    ),
    "failpoint-raise": Row(
        partial(troubles.failing, action="raise"), len(troubles.places("raise")), quick=4, everyday=POSTGRESQL
    ),
    "failpoint-delay": Row(partial(troubles.failing, action="delay"), len(troubles.places("delay")), quick=0),
    "failpoint-full": Row(
        partial(troubles.failing, action="enospc"), len(troubles.places("enospc")), quick=0, everyday=SQLITE
    ),
    "sigterm": Row(troubles.terminated, rounds=100, quick=5, everyday=SQLITE),
    "limits": Row(troubles.courteous, rounds=10, quick=0),
    "locked": Row(troubles.locked, rounds=3, quick=1, databases=SQLITE, everyday=SQLITE),
    "restarted": Row(troubles.restarted, rounds=20, quick=2, databases=POSTGRESQL, everyday=POSTGRESQL),
    "disk-full": Row(troubles.filled_up, rounds=20, quick=2, everyday=SQLITE),
    "clock": Row(troubles.astray, rounds=6, quick=1, everyday=POSTGRESQL),
    "operation-kill": Row(operations.killing, rounds=operations.MOST, quick=2, leg=50, everyday=POSTGRESQL),
    "operation-raise": Row(operations.raising, rounds=operations.MOST, quick=2, leg=50, everyday=SQLITE),
    "migrate": Row(migrating.interrupted, rounds=100, quick=1, leg=100, everyday=SQLITE),
    "albums": Row(albums.split, rounds=500, quick=24, leg=100, everyday=()),
    "malformed": Row(mutations.mutated, rounds=500, quick=60, leg=100, everyday=()),
    "replay": Row(counted.replayed, rounds=1, quick=1, everyday=()),
    "chaos": Row(counted.in_chaos, rounds=1, quick=1, everyday=()),
    "refused": Row(counted.refused, rounds=1, quick=0),
    "poison": Row(counted.poisoned, rounds=1, quick=1, everyday=()),
    "drill": Row(counted.restored, rounds=1, quick=1, everyday=()),
    "flood": Row(flood.flood, rounds=1, quick=1, everyday=SQLITE),
}


@dataclass(frozen=True)
class Step:
    """One leg of one scenario on one database: what a broken-off run need not do again."""

    key: str
    scenario: str
    plan: Plan


def steps(
    names: Sequence[str], databases: Sequence[str], *, seed: int, most: int | None, is_quick: bool
) -> Iterator[Step]:
    """What there is to do, in order; ``most``: rounds of one scenario on one database."""
    for name in names:
        row = SCENARIOS[name]
        wanted = row.quick if is_quick else row.rounds
        rounds = wanted if most is None else min(most, wanted)
        for place, backend in enumerate(row.everyday if is_quick else row.databases):
            if backend not in databases:
                continue
            for first in range(0, rounds, row.leg):
                leg = min(row.leg, rounds - first)
                plan = Plan(
                    rounds=leg,
                    first=first,
                    seed=seed + 1000 * place + first,
                    backend=backend,
                    customers=3 if is_quick else 4,
                    technicians=1 if is_quick else 2,
                    is_quick=is_quick,
                )
                yield Step(f"{name} {backend} {first}+{leg}{' quick' if is_quick else ''}", name, plan)
