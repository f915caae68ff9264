"""A slice of the long runs: order in chaos, patience after refusals, an update that is poison."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.db import Database
from tests.faults import manners


async def test_pushes_in_chaos_keep_their_order_and_none_is_missing(database: Database, tmp_path: Path):
    chaos = await manners.order_chaos(database, tmp_path, pushes=200, chats=10)
    assert chaos.is_clean, chaos
    assert chaos.calls > chaos.pushes, "something went wrong on the way, as it was to"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_refusals_are_minded_and_others_flow(database: Database, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(manners, "FLOOD_SECONDS", 0.0)  # four within ten seconds are three at least
    refusals = await manners.refusals(database, tmp_path)
    assert refusals.is_clean, refusals


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_poison_harms_nobody_else(database: Database, tmp_path: Path):
    poison = await manners.poison(database, tmp_path)
    assert poison.is_clean, poison
    assert not replace(poison, other_waited=1.5).is_clean
    assert poison.tries == 5
