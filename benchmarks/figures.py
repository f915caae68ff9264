"""What a benchmark found, as a table for people and as JSON for machines."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class BenchmarkError(Exception):
    """One sentence: what did not happen, so that there is no figure."""


@dataclass(frozen=True)
class Figure:
    """One measured thing; ``runs`` has a value per repetition, in ``unit``, in the order they were made."""

    name: str
    unit: str
    runs: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def as_row(self, benchmark: str) -> dict[str, Any]:
        facts = {"benchmark": benchmark, "name": self.name, "unit": self.unit, "median": self.median}
        return facts | {"low": min(self.runs), "high": max(self.runs), "runs": list(self.runs)}


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that ``percent`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def table(found: Sequence[tuple[str, Figure]]) -> str:
    """One line per figure, in columns: median, spread, every run."""
    rows = [("benchmark", "figure", "median", "low–high", "unit", "runs")]
    for benchmark, figure in found:
        spread = f"{short(min(figure.runs))}–{short(max(figure.runs))}" if len(figure.runs) > 1 else ""
        runs = " ".join(short(value) for value in figure.runs) if 1 < len(figure.runs) <= 8 else ""
        rows.append((benchmark, figure.name, short(figure.median), spread, figure.unit, runs))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = {2, 3}
    lines = [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def short(value: float) -> str:
    """Three digits that matter, never an exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
