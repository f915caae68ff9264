"""The table of the fault runs: legs are summed, a broken-off run goes on, nothing is tried more often than asked."""

from pathlib import Path

from tests.faults.__main__ import Results
from tests.faults.checker import Verdict, merged, table
from tests.faults.findings import Kind
from tests.faults.scenarios import SCENARIOS, steps


def verdict(fault: str, database: str, *, lost: int = 0) -> Verdict:
    made = Verdict(fault, 20, 7, seconds=1.5, database=database)
    made.says[Kind.LOST] += ["a ticket is not there"] * lost
    made.says[Kind.DOUBLED_TICKET] += ["twice"] * lost
    return made


def test_the_legs_of_a_fault_on_a_database_are_one_line():
    legs = [verdict("kill -9", "sqlite"), verdict("kill -9", "sqlite", lost=1), verdict("kill -9", "postgresql")]
    assert table(merged(legs)).splitlines() == [
        "fault    rounds  lost  doubled  copies  inversions  stuck  other  seed  seconds  database",
        "kill -9      40     1        1       0           0      0      0     7        3  sqlite",
        "kill -9      20     0        0       0           0      0      0     7        2  postgresql",
        "all          60     1        1       0           0      0      0              4",
    ]


def test_a_broken_off_run_goes_on_where_it_was(tmp_path: Path):
    file, (first, *_) = tmp_path / "run.json", steps(["kill"], ["sqlite"], seed=7, most=None, is_quick=False)
    Results(file, 7).keep(first, verdict("kill -9", "sqlite", lost=1))
    again = Results(file, None)
    assert again.seed == 7
    assert again.verdicts == {first.key: verdict("kill -9", "sqlite", lost=1)}


def test_the_whole_proof_walks_through_every_scenario_on_its_databases_in_legs():
    found = list(steps([*SCENARIOS], ["sqlite", "postgresql"], seed=7, most=None, is_quick=False))
    assert {step.scenario for step in found} == set(SCENARIOS)
    kills = [step.plan for step in found if step.scenario == "kill" and step.plan.backend == "postgresql"]
    assert [(plan.first, plan.rounds) for plan in kills] == [(0, 20), (20, 20), (40, 20), (60, 20), (80, 20)]
    assert len({step.key for step in found}) == len(found)


def test_a_short_run_tries_nothing_more_often_than_asked():
    found = list(steps([*SCENARIOS], ["sqlite"], seed=7, most=3, is_quick=True))
    assert found
    assert all(0 < step.plan.rounds <= 3 and step.plan.is_quick for step in found)
