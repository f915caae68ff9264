"""Assign, retract, link, merge and change the service of a ticket over the API."""

import httpx
import pytest
from sqlalchemy import select

from core.db import Database
from core.models import OutboxRow, Person
from core.rules.permissions import Role
from tests.api.conftest import opened
from tests.api.test_tickets import is_problem

TORNILLO = "1790012345001"
ONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def read(client: httpx.AsyncClient, number: int) -> dict:
    return (await client.get(f"/tickets/{number}")).json()


async def pushed(database: Database) -> str:
    async with database.read() as session:
        return str([row.payload for row in await session.scalars(select(OutboxRow))])


@ONE
async def test_a_ticket_is_given_to_somebody_who_answers_tickets(tom: httpx.AsyncClient, number: int, token_of):
    await token_of("ines")
    await token_of("aurora", Role.AUDITOR)
    path = f"/tickets/{number}/assign"
    assert (await tom.post(path, json={"assignee": "INES"})).json()["assignee"] == "ines"
    for assignee in ("aurora", "nobody", ""):
        problem = is_problem(await tom.post(path, json={"assignee": assignee}), 422)
        assert problem["errors"][0]["field"] == "assignee"
    assert (await read(tom, number))["assignee"] == "ines"


@ONE
async def test_a_ticket_is_given_back_to_nobody(tom: httpx.AsyncClient, number: int, database: Database):
    before = await pushed(database)
    ticket = (await tom.post(f"/tickets/{number}/assign", json={"assignee": None})).json()
    assert (ticket["assignee"], ticket["state"]) == (None, "open")
    listed = (await tom.get("/tickets", params={"assignee": "none"})).json()["items"]
    assert [line["number"] for line in listed] == [number]
    is_problem(await tom.post(f"/tickets/{number}/assign", json={}), 422)
    assert await pushed(database) == before, "no customer hears of it"


async def test_an_answer_is_taken_back_and_never_leaves(
    tom: httpx.AsyncClient, ada: Person, number: int, database: Database
):
    path = f"/tickets/{number}/articles"
    await tom.post(path, json={"kind": "reply", "text": "Borre la base de datos."})
    await tom.post(path, json={"kind": "note", "text": "Me equivoqué."})
    ticket = (await tom.post(f"{path}/2/retract")).json()
    assert ticket["articles"][1]["retracted_at"] is not None
    assert ticket["articles"][1]["deliveries"] == [{"channel": "telegram", "state": "cancelled"}]
    for article, reason, words in (
        (1, "is_first", "abrió el ticket"),
        (2, "is_retracted", "ya está retirado"),
        (3, "never_sent", "nota interna"),
    ):
        problem = is_problem(await tom.post(f"{path}/{article}/retract"), 409)
        assert problem["reasons"] == [reason]
        assert words in problem["explanations"][0]
    is_problem(await tom.post(f"{path}/4/retract"), 404)


async def test_a_link_stands_on_both_sides_until_it_is_removed(tom: httpx.AsyncClient, number: int):
    other = await opened(tom, ruc=TORNILLO)
    path = f"/tickets/{number}/links"
    for _ in range(2):
        assert (await tom.post(path, json={"number": other})).json()["links"] == [other]
    assert (await read(tom, other))["links"] == [number]
    for wrong in (number, 9999):
        assert is_problem(await tom.post(path, json={"number": wrong}), 422)["errors"][0]["field"] == "number"
    assert (await tom.delete(f"/tickets/{other}/links/{number}")).json()["links"] == []
    assert (await read(tom, number))["links"] == []
    is_problem(await tom.delete(f"/tickets/{other}/links/{number}"), 404)


async def test_a_merged_ticket_leads_on_and_takes_its_minutes_along(
    tom: httpx.AsyncClient, ada: Person, number: int, database: Database
):
    gone = await opened(tom, "Sigue sin imprimir")
    await tom.post(f"/tickets/{gone}/time", json={"minutes": 7})
    merged = (await tom.post(f"/tickets/{gone}/merge", json={"into": number})).json()
    assert (merged["state"], merged["merged_into"], merged["time_entries"]) == ("merged", number, [])
    kept = await read(tom, number)
    assert (kept["merged"], [entry["minutes"] for entry in kept["time_entries"]]) == ([gone], [7])
    assert f"#{number}" in await pushed(database)
    listed = (await tom.get("/tickets", params={"state": "merged"})).json()["items"]
    assert [item["number"] for item in listed] == [gone]
    is_problem(await tom.post(f"/tickets/{gone}/articles", json={"kind": "reply", "text": "Hola"}), 409)


@ONE
async def test_all_that_stands_against_merging_is_said_and_nothing_is_done(tom: httpx.AsyncClient, number: int):
    theirs = await opened(tom, ruc=TORNILLO)
    await tom.post(f"/tickets/{number}/timer/start")
    path = f"/tickets/{number}/merge"
    problem = is_problem(await tom.post(path, json={"into": theirs}), 409)
    assert problem["reasons"] == ["other_company", "timer_running"]
    assert ["otra empresa" in problem["explanations"][0], "deténgalo" in problem["explanations"][1]] == [True, True]
    assert is_problem(await tom.post(path, json={"into": 9999}), 422)["errors"][0]["field"] == "into"
    assert "same_ticket" in is_problem(await tom.post(path, json={"into": number}), 409)["reasons"]
    assert (await read(tom, number))["state"] == "open"


@ONE
async def test_a_ticket_that_has_changed_since_is_not_merged(tom: httpx.AsyncClient, number: int):
    gone = await opened(tom)
    seen = (await read(tom, gone))["version"]
    await tom.post(f"/tickets/{gone}/articles", json={"kind": "note", "text": "Es otra impresora."})
    path = f"/tickets/{gone}/merge"
    is_problem(await tom.post(path, json={"into": number, "version": seen}), 409)
    body = {"into": number, "version": (await read(tom, gone))["version"]}
    assert (await tom.post(path, json=body)).json()["merged_into"] == number


async def test_what_costs_waits_for_the_customer(
    tom: httpx.AsyncClient, ada: Person, number: int, database: Database
):
    path = f"/tickets/{number}/service"
    asked = (await tom.post(path, json={"service": "development", "product": "SaciJava"})).json()
    assert (asked["service"], asked["waiting_for"]) == ("support", "customer")
    assert (asked["service_asked"]["service"], asked["service_asked"]["product"]) == ("development", "SaciJava")
    assert "Acepto" in await pushed(database)
    changed = (await tom.post(path, json={"service": "support", "product": "SaciAnex ATS"})).json()
    assert (changed["product"], changed["service_asked"]) == ("SaciAnex ATS", None)
    for product in ("SaciAnex ATS", "Nada", ""):
        problem = is_problem(await tom.post(path, json={"service": "support", "product": product}), 422)
        assert problem["errors"][0]["field"] == "product"


@ONE
async def test_who_cannot_be_asked_cannot_accept(tom: httpx.AsyncClient, number: int):
    body = {"service": "development", "product": "SaciJava"}
    problem = is_problem(await tom.post(f"/tickets/{number}/service", json=body), 409)
    assert "No hay nadie de esta empresa en Telegram" in problem["detail"]
    assert (await read(tom, number))["service_asked"] is None
