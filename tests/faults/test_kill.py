"""The slice of the kill test that runs with every suite; ``make faults`` runs as many rounds as one likes."""

import pytest

from tests.faults.run import Plan, run

PLANS = (
    Plan(rounds=20, seed=20, backend="sqlite", customers=3, technicians=1, is_warm=True),
    Plan(rounds=3, seed=3, backend="postgresql", customers=2, technicians=1, is_warm=True),
)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.rounds}-on-{plan.backend}")
async def test_a_desk_that_is_killed_at_random_loses_and_doubles_nothing(plan: Plan):
    lines: list[str] = []
    verdict = await run(plan, lines.append)
    assert verdict.is_clean, "\n".join([*lines, str(verdict)])
    assert verdict.tally["tickets"] >= plan.customers, "a run in which nobody got anywhere proves nothing"
