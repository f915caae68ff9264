"""Judges a run: what the people said against what is left of it, and prints the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.faults import account_checks, delivery_checks, intake_checks
from tests.faults.evidence import Evidence
from tests.faults.findings import Findings, Kind
from tests.faults.told import Told

Check = Callable[[Evidence, Told], Findings]

CHECKS: Sequence[Check] = (
    intake_checks.updates,
    intake_checks.tickets,
    intake_checks.answers,
    intake_checks.nothing_made_up,
    intake_checks.technicians,
    intake_checks.files,
    delivery_checks.ends,
    delivery_checks.pushes,
    delivery_checks.copies,
    delivery_checks.order,
    delivery_checks.privacy,
    delivery_checks.mails,
    account_checks.closings,
    account_checks.ledger,
    account_checks.reports,
)


@dataclass
class Verdict:
    """One line of the table. ``says``: kind → sentences; ``tally``: figures that are no faults."""

    fault: str
    rounds: int
    seed: int
    says: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    tally: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    folder: str = ""

    @property
    def is_clean(self) -> bool:
        return not any(self.says.values())

    def __str__(self) -> str:
        """Everything that was found, for whoever has to look into it."""
        lines = [f"{kind}: {sentence}" for kind, found in self.says.items() for sentence in found]
        return "\n".join([*lines, self.folder]) if lines else "clean"


def check(found: Evidence, told: Told, *, fault: str = "", rounds: int = 0, seed: int = 0) -> Verdict:
    verdict = Verdict(fault, rounds, seed)
    for one in CHECKS:
        for finding in one(found, told):
            verdict.says[finding.kind].append(finding.says)
    verdict.tally = told.tally() | delivery_checks.tally(found)
    return verdict


def table(verdicts: Sequence[Verdict]) -> str:
    """Aligned columns, a line per verdict and a sum where there are several."""
    header = ["fault", "rounds", *(str(kind) for kind in Kind), "seed", "seconds"]
    rows = [
        [
            verdict.fault,
            str(verdict.rounds),
            *(str(len(verdict.says[kind])) for kind in Kind),
            str(verdict.seed),
            f"{verdict.seconds:.0f}",
        ]
        for verdict in verdicts
    ]
    if len(rows) > 1:
        sums = [str(sum(int(float(row[place])) for row in rows)) for place in range(1, len(header))]
        rows.append(["all", *sums[:-2], "", sums[-1]])
    widths = [max(len(row[place]) for row in [header, *rows]) for place in range(len(header))]
    lines = [
        "  ".join(
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [header, *rows]
    ]
    return "\n".join(lines)
