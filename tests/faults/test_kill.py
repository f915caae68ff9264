"""The slice of the fault table that runs with every suite; ``make faults`` runs as many rounds as one likes."""

import pytest

from tests.faults.plan import Plan
from tests.faults.troubles import killed

SQLITE = Plan(rounds=5, seed=20, backend="sqlite", customers=3, technicians=1)
POSTGRESQL = Plan(rounds=3, seed=3, backend="postgresql", customers=2, technicians=1)


@pytest.mark.parametrize("plan", [SQLITE, POSTGRESQL], ids=lambda plan: f"{plan.rounds}-on-{plan.backend}")
async def test_a_desk_that_is_killed_at_random_loses_and_doubles_nothing(plan: Plan):
    verdict = await killed(plan)
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["tickets"] >= plan.customers, "a run in which nobody got anywhere proves nothing"
