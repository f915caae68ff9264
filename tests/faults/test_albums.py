"""The slice of the album run that goes with every suite."""

import pytest

from tests.databases import BACKENDS
from tests.faults.albums import split
from tests.faults.plan import Plan


@pytest.mark.parametrize("backend", BACKENDS)
async def test_albums_shuffled_late_and_across_restarts_are_never_split(backend: str):
    verdict = await split(Plan(rounds=24, seed=7, backend=backend))
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["parts"] > 2 * 24
