"""``python -m benchmarks [NAME …]``: measure, and print a table."""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from benchmarks import idle, intake, machine, memory, pages, paper, push, search, start
from benchmarks.figures import BenchmarkError, Figure, table
from benchmarks.run import Run

BENCHMARKS: Mapping[str, Callable[[Run], Iterable[Figure]]] = {
    "intake": intake.on_sqlite,
    "push": push.measure,
    "idle": idle.measure,
    "memory": memory.measure,
    "start": start.cold,
    "paper": paper.measure,
    "intake-postgresql": intake.on_postgresql,
    "search": search.measure,
    "pages": pages.measure,
    "push-long": push.measure_long,
    "install": start.install,
}
# asked for by name only
SELDOM = {
    "install": "it downloads packages",
    "memory": "it takes a quarter of an hour",
    "search": "it writes 100 000 tickets twice",
    "pages": "it writes 100 000 tickets twice",
    "push-long": "10 000 replies, one after the other",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the desk on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="within a minute; figures are rough")
    seldom = ", ".join(f"{name} ({why})" for name, why in SELDOM.items())
    parser.add_argument("--all", action="store_true", help=f"also what is else measured by name only: {seldom}")
    parser.add_argument("--seed", type=int, default=1, help="of what is written and of the simulator")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    return options


def main() -> int:
    """0 when everything was measured, 1 when something could not be, 130 on Ctrl-C."""
    options = arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    names = options.names or [name for name in BENCHMARKS if name not in SELDOM or options.all]
    head = machine.describe() | {"seed": str(options.seed), "mode": "quick" if options.quick else "full"}
    _print("\n".join(f"{name + ':':<13}{value}" for name, value in head.items()) + "\n")
    found: list[tuple[str, Figure]] = []
    failures: dict[str, str] = {}
    try:
        for name in names:
            _measure(name, options, found, failures)
    except KeyboardInterrupt:
        failures["interrupted"] = "the rest was not measured"
    _print(f"\n{table(found)}" if found else "")
    for name, reason in failures.items():
        _print(f"{name}: {reason}")
    if options.json:
        rows = [figure.as_row(name) for name, figure in found]
        options.json.write_text(json.dumps({"machine": head, "figures": rows, "failures": failures}, indent=1))
    return 130 if "interrupted" in failures else int(bool(failures))


def _measure(
    name: str, options: argparse.Namespace, found: list[tuple[str, Figure]], failures: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory(prefix="ventanilla-bench-") as folder, ExitStack() as stack:
        run = Run(Path(folder), stack, quick=options.quick, seed=options.seed, name=name)
        try:
            found.extend((name, figure) for figure in BENCHMARKS[name](run))
        except BenchmarkError as error:
            failures[name] = str(error)
            run.say(str(error))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
