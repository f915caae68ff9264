"""Judges a run: what the people said against what is left of it, and prints the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults import (
    account_checks,
    delivery_checks,
    intake_checks,
    privacy_checks,
    retraction_checks,
    rule_checks,
)
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
    privacy_checks.notes,
    privacy_checks.chats,
    privacy_checks.log_outs,
    privacy_checks.secrets,
    retraction_checks.retractions,
    retraction_checks.silence,
    rule_checks.transitions,
    rule_checks.audit,
    delivery_checks.mails,
    account_checks.closings,
    account_checks.ledger,
    account_checks.reports,
)


@dataclass
class Verdict:
    """One line of the table. ``says``: kind → sentences; ``tally``: figures to be summed; ``remarks``: told below."""

    fault: str
    rounds: int
    seed: int
    says: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    tally: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    folder: str = ""
    database: str = ""
    remarks: list[str] = field(default_factory=list)

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


COLUMNS: Mapping[str, Sequence[Kind]] = {
    "lost": (Kind.LOST,),
    "doubled": (Kind.DOUBLED_TICKET, Kind.DOUBLED_ARTICLE),
    "copies": (Kind.COPIES,),
    "inversions": (Kind.INVERSION,),
    "stuck": (Kind.STUCK,),
    "other": (Kind.OTHER,),
}


def merged(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """One verdict of all legs of a fault on a database, under the seed of the first."""
    together: dict[tuple[str, str], Verdict] = {}
    for leg in verdicts:
        sum_ = together.setdefault((leg.fault, leg.database), Verdict(leg.fault, 0, leg.seed, database=leg.database))
        sum_.rounds += leg.rounds
        sum_.seconds += leg.seconds
        sum_.remarks += leg.remarks
        for kind, found in leg.says.items():
            sum_.says[kind] += found
    return list(together.values())


def table(verdicts: Sequence[Verdict]) -> str:
    """Aligned columns, a line per verdict and a sum where there are several."""
    header = ["fault", "rounds", *COLUMNS, "seed", "seconds", "database"]
    rows = [_cells(verdict) for verdict in verdicts]
    if len(rows) > 1:
        sums = [str(sum(int(row[place]) for row in rows)) for place in range(1, len(COLUMNS) + 2)]
        rows.append(["all", *sums, "", f"{sum(verdict.seconds for verdict in verdicts):.0f}", ""])
    widths = [max(len(row[place]) for row in [header, *rows]) for place in range(len(header))]
    is_word = [name in {"fault", "database"} for name in header]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if word else cell.rjust(width)
            for cell, width, word in zip(row, widths, is_word, strict=True)
        ).rstrip()
        for row in [header, *rows]
    )


def _cells(verdict: Verdict) -> list[str]:
    counts = [str(sum(len(verdict.says[kind]) for kind in kinds)) for kinds in COLUMNS.values()]
    return [
        verdict.fault,
        str(verdict.rounds),
        *counts,
        str(verdict.seed),
        f"{verdict.seconds:.0f}",
        verdict.database,
    ]
