"""``python -m tests.faults``: kill the desk at random, count what was lost or doubled; exit 1 if anything was."""

import argparse
import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.faults.checker import Verdict, table
from tests.faults.findings import Kind
from tests.faults.run import Plan, run

LEG = 20  # rounds on one database; then everybody starts anew


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same moments")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--resume", type=Path, default=None, help="keep what is done in this file and go on from it")
    parser.add_argument("--customers", type=int, default=6)
    parser.add_argument("--warm", action="store_true", help="fork the desk from a process that has imported it")
    return parser.parse_args()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def done_before(file: Path | None) -> list[Verdict]:
    """The legs a broken-off run has finished."""
    if file is None or not file.exists():
        return []
    kept = json.loads(file.read_text())["legs"]
    return [Verdict(**leg | {"says": {Kind(kind): says for kind, says in leg["says"].items()}}) for leg in kept]


def keep(file: Path | None, seed: int, verdicts: list[Verdict]) -> None:
    if file is not None:
        file.write_text(json.dumps({"seed": seed, "legs": [asdict(verdict) for verdict in verdicts]}, indent=1))


def main() -> int:
    options = arguments()
    verdicts = done_before(options.resume)
    kept = json.loads(options.resume.read_text())["seed"] if verdicts else None
    seed = next(value for value in (kept, options.seed, secrets.randbelow(1_000_000)) if value is not None)
    started = time.monotonic()
    left = options.rounds - sum(verdict.rounds for verdict in verdicts)
    while left > 0:
        plan = Plan(
            rounds=min(LEG, left),
            seed=seed + len(verdicts),
            backend=options.database,
            customers=options.customers,
            is_warm=options.warm,
        )
        say(f"seed {plan.seed}, {options.database}, {plan.rounds} rounds")
        verdicts.append(asyncio.run(run(plan, say)))
        keep(options.resume, seed, verdicts)
        left -= plan.rounds
    sums: Counter[str] = Counter()
    for verdict in verdicts:
        sums.update(verdict.tally)
        if not verdict.is_clean:
            say(f"\nseed {verdict.seed}:\n{verdict}")
    say("\n" + table(verdicts))
    say(", ".join(f"{count} {name}" for name, count in sums.items()))
    say(f"{options.database}, {time.monotonic() - started:.0f} s")
    return 0 if all(verdict.is_clean for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
