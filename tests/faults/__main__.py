"""``python -m tests.faults``: everything that may go wrong, tried; prints one table and ends with 1 if anything did.

``--rounds 10`` tries nothing more often than that, ``--quick`` uses the small sizes of every day.
"""

import argparse
import asyncio
import json
import secrets
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from core import logs
from tests.databases import BACKENDS
from tests.faults.checker import Verdict, merged, table
from tests.faults.findings import Kind
from tests.faults.plan import say_aloud as say
from tests.faults.scenarios import SCENARIOS, Step, steps

STEP_SECONDS = 1800.0  # a step that hangs must not hold up the others for ever


def listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", type=listed, default=[*SCENARIOS], help=f"of {', '.join(SCENARIOS)}")
    parser.add_argument("--database", type=listed, default=[*BACKENDS], help=f"of {', '.join(BACKENDS)}")
    parser.add_argument("--rounds", type=int, default=None, help="nothing more often than this")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same moments")
    parser.add_argument("--resume", type=Path, default=None, help="keep what is done in this file and go on from it")
    options = parser.parse_args()
    for name, known in (("only", SCENARIOS), ("database", BACKENDS)):
        if unknown := set(getattr(options, name)) - set(known):
            parser.error(f"--{name}: there is no {', '.join(sorted(unknown))}")
    return options


class Results:
    """What is done so far, by step; a file keeps it where one is named."""

    def __init__(self, file: Path | None, seed: int | None) -> None:
        self._file = file
        kept = json.loads(file.read_text()) if file and file.exists() else {"seed": None, "steps": {}}
        self.seed: int = next(
            number for number in (kept["seed"], seed, secrets.randbelow(1_000_000)) if number is not None
        )
        self.verdicts = {key: _verdict(row) for key, row in kept["steps"].items()}

    def keep(self, step: Step, verdict: Verdict) -> None:
        self.verdicts[step.key] = verdict
        if self._file is not None:
            rows = {key: asdict(verdict) for key, verdict in self.verdicts.items()}
            self._file.write_text(json.dumps({"seed": self.seed, "steps": rows}, indent=1))


def _verdict(row: dict[str, object]) -> Verdict:
    says = row["says"]
    assert isinstance(says, dict)
    return Verdict(**row | {"says": {Kind(kind): found for kind, found in says.items()}})  # type: ignore[arg-type]


def take(step: Step) -> Verdict:
    """A step that breaks off is a finding, and the others go on."""
    plan, started = step.plan, time.monotonic()
    # desks in this process complain of the very faults they are put to, and the table is what is to be read
    logs.configure(log_format="console", level="critical")
    try:
        verdict = asyncio.run(asyncio.wait_for(SCENARIOS[step.scenario].run(plan), STEP_SECONDS))
    except Exception:
        verdict = Verdict(step.scenario, plan.rounds, plan.seed)
        verdict.says[Kind.OTHER].append(traceback.format_exc())
    verdict.database, verdict.seconds = plan.backend, time.monotonic() - started
    return verdict


def main() -> int:
    options = arguments()
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    results, started = Results(options.resume, options.seed), time.monotonic()
    asked = {"seed": results.seed, "most": options.rounds, "is_quick": options.quick}
    todo = list(steps(options.only, options.database, **asked))
    for number, step in enumerate(todo, start=1):
        if step.key in results.verdicts:
            continue
        plan = step.plan
        say(f"[{number}/{len(todo)}] {step.scenario} on {plan.backend}, {plan.rounds} rounds, seed {plan.seed}")
        verdict = take(step)
        results.keep(step, verdict)
        say(f"{verdict.fault} on {plan.backend}, {verdict.seconds:.0f} s: {verdict}")
    verdicts = [results.verdicts[step.key] for step in todo]
    sums: Counter[str] = Counter()
    for verdict in verdicts:
        sums.update(verdict.tally)
    together = merged(verdicts)
    say("\n" + table(together))
    for verdict in together:
        if verdict.remarks:
            say(f"{verdict.fault}, {verdict.database}: {', '.join(verdict.remarks)}")
    say(", ".join(f"{count} {name}" for name, count in sums.items()))
    say(f"{time.monotonic() - started:.0f} s")
    # last, where whoever sees only the end of a log finds it
    unclean = [verdict for verdict in verdicts if not verdict.is_clean]
    for verdict in unclean:
        say(f"\n{verdict.fault} on {verdict.database}, seed {verdict.seed}:\n{verdict}")
    return 1 if unclean else 0


if __name__ == "__main__":
    sys.exit(main())
