"""The slice of the runs without a network that goes with every suite."""

import pytest

from tests.databases import BACKENDS
from tests.faults.albums import split
from tests.faults.mutations import mutated
from tests.faults.plan import Plan


@pytest.mark.parametrize("backend", BACKENDS)
async def test_albums_shuffled_late_and_across_restarts_are_never_split(backend: str):
    verdict = await split(Plan(rounds=12, seed=7, backend=backend))
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["parts"] > 2 * 12


@pytest.mark.parametrize("backend", BACKENDS)
async def test_odd_updates_of_every_kind_break_nothing_and_none_is_dropped(backend: str):
    verdict = await mutated(Plan(rounds=30, seed=11, backend=backend))
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["effect"] > verdict.tally["given up"], "most of them still say something"
