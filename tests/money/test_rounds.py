"""Several technicians at once keep every sum exact; ``python -m tests.money.rounds`` plays more."""

from tests.money import rounds


async def test_twenty_rounds_at_once_keep_every_sum(database):
    done = await rounds.run(database, rounds=20, seed=7)
    assert min(done["close"], done["reopen"], done["reclassify"], done["buy"]) > 0
