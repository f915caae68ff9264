"""Two who do the same to each other's ticket at the same moment wait for each other, and never in a ring."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from core.db import Database
from core.queries.tickets import by_number
from tests import databases
from tests.api.conftest import opened


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[1]  # the other has one writer at a time


async def ask_both(client: httpx.AsyncClient, database: Database, one: int, two: int, call: str, name: str):
    """Ask it of the one about the two and of the two about the one, while somebody holds the one; their answers."""
    async with database.write() as session:
        await by_number(session, one, lock=True)
        asked = []
        for number, other in ((one, two), (two, one)):
            asked.append(asyncio.create_task(client.post(f"/tickets/{number}/{call}", json={name: other})))
            await databases.waits_for_lock(database, len(asked))
    return await asyncio.gather(*asked)


async def test_of_two_mergings_into_each_other_one_is_done_and_one_refused(
    tom: httpx.AsyncClient, number: int, database: Database
):
    other = await opened(tom)
    done, refused = await ask_both(tom, database, number, other, "merge", "into")
    assert (done.status_code, done.json()["merged_into"]) == (200, other), done.text
    assert (refused.status_code, refused.json()["reasons"]) == (409, ["target_closed"]), refused.text
    assert (await tom.get(f"/tickets/{other}")).json()["merged"] == [number]


async def test_of_two_links_with_each_other_both_are_the_same(
    tom: httpx.AsyncClient, number: int, database: Database
):
    other = await opened(tom)
    answers = await ask_both(tom, database, number, other, "links", "number")
    assert [(answer.status_code, answer.json()["links"]) for answer in answers] == [(200, [other]), (200, [number])]


async def test_what_the_database_breaks_off_twice_is_answered_as_a_problem_and_leaves_no_note(
    tom: httpx.AsyncClient, number: int, database: Database
):
    raising = "BEGIN RAISE EXCEPTION USING ERRCODE = ''deadlock_detected''; END"
    async with database.write() as session:
        await session.execute(text(f"CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS '{raising}'"))
        await session.execute(text("CREATE TRIGGER meets BEFORE INSERT ON time_entries EXECUTE FUNCTION meet()"))
    once = {"Idempotency-Key": "one"}
    busy = await tom.post(f"/tickets/{number}/time", json={"minutes": 5}, headers=once)
    assert (busy.status_code, "nada" in busy.json()["detail"]) == (503, True), busy.text
    async with database.write() as session:
        await session.execute(text("DROP TRIGGER meets ON time_entries"))
    assert (await tom.post(f"/tickets/{number}/time", json={"minutes": 5}, headers=once)).status_code == 201
