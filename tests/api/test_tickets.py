"""Tickets over the API: opened, listed, read, and who may."""

import asyncio

import httpx
import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from core.models import ApiToken, Article, OutboxRow, Person, Technician, Ticket
from core.rules.permissions import Role
from tests.api.conftest import RUC, opened


def is_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


async def test_a_ticket_is_opened_for_a_customer_and_starts_open(tom: httpx.AsyncClient, number: int):
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert ticket["state"] == "open"
    assert ticket["company"] == {"ruc": RUC, "name": "Comercial Andina"}
    assert ticket["assignee"] == "tom"
    assert ticket["articles"][0]["text"] == "Llamó Ada."
    assert ticket["created_at"].endswith("-05:00")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"product": ""}, "product"),
        ({"product": "Word"}, "product"),
        ({"ruc": "0190000001001"}, "ruc"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 121}, "subject"),
        ({"text": " "}, "text"),
        ({"service": "magic"}, "service"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_ticket_that_cannot_be_opened_says_which_field(tom: httpx.AsyncClient, change, field):
    body = {"ruc": RUC, "service": "support", "product": "SaciJava", "subject": "No imprime", "text": "Hola"}
    problem = is_problem(await tom.post("/tickets", json=body | change), 422)
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_a_ticket_may_be_for_one_person_of_the_company_and_bring_a_note(
    tom: httpx.AsyncClient, ada: Person, database: Database
):
    (person,) = (await tom.get(f"/companies/{RUC}")).json()["persons"]
    body = {"ruc": RUC, "service": "support", "product": "SaciJava", "subject": "Llamó", "text": "No imprime."}
    ticket = (await tom.post("/tickets", json=body | {"told": person["id"], "note": "NOTA-SECRETA"})).json()
    assert ticket["on_behalf_of"] == "Ada"
    assert [article["kind"] for article in ticket["articles"]] == ["reply", "note"]
    assert ticket["articles"][0]["deliveries"] == [{"channel": "telegram", "state": "queued"}]
    async with database.read() as session:
        (row,) = await session.scalars(select(OutboxRow))
    assert "a su nombre" in row.payload["text"]
    assert "NOTA-SECRETA" not in str(row.payload)
    assert (await tom.post("/tickets", json=body | {"told": "all"})).json()["on_behalf_of"] is None
    elsewhere = body | {"ruc": "1790012345001", "told": person["id"]}
    assert is_problem(await tom.post("/tickets", json=elsewhere), 422)["errors"][0]["field"] == "told"


async def test_development_has_one_product_that_need_not_be_named(tom: httpx.AsyncClient):
    body = {"ruc": RUC, "service": "development", "subject": "Reporte", "text": "Un reporte nuevo"}
    assert (await tom.post("/tickets", json=body)).json()["product"] == "SaciJava"


async def test_lists_are_paged_without_loss(tom: httpx.AsyncClient):
    numbers = [await opened(tom, f"Problema {turn}") for turn in range(5)]
    seen: list[int] = []
    after = None
    while True:
        page = (await tom.get("/tickets", params={"per_page": 2} | ({"after": after} if after else {}))).json()
        seen += [item["number"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == sorted(numbers, reverse=True)
    is_problem(await tom.get("/tickets", params={"after": "nonsense"}), 422)
    is_problem(await tom.get("/tickets", params={"per_page": 0}), 422)


async def test_lists_are_filtered(tom: httpx.AsyncClient, database: Database):
    first = await opened(tom, "Impresión torcida")
    second = await opened(tom, "Balance", "1790012345001")
    async with database.write() as session:
        await session.execute(update(Ticket).where(Ticket.number == second).values(assignee_id=None))

    async def found(**filters: str) -> list[int]:
        return [item["number"] for item in (await tom.get("/tickets", params=filters)).json()["items"]]

    assert await found(company=RUC) == [first]
    assert await found(assignee="tom") == [first]
    assert await found(assignee="none") == [second]
    assert await found(q="impresion") == [first]
    assert await found(q="tornillo") == [second]
    assert await found(q=str(second)) == [second]
    assert await found(state="open") == [second, first]
    assert await found(state="closed") == []


async def test_without_a_good_token_nobody_comes_in(api: httpx.AsyncClient, token_of, database: Database):
    token = await token_of("tom")
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Basic {token}"}):
        answer = await api.get("/tickets", headers=header)
        is_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    good = {"Authorization": f"Bearer {token}"}
    assert (await api.get("/tickets", headers=good)).status_code == 200
    async with database.write() as session:
        await session.execute(update(Technician).values(disabled_at=now()))
    is_problem(await api.get("/tickets", headers=good), 401)
    async with database.write() as session:
        await session.execute(update(Technician).values(disabled_at=None))
        await session.execute(update(ApiToken).values(revoked_at=now()))
    is_problem(await api.get("/tickets", headers=good), 401)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.BILLING])
async def test_who_only_reads_changes_nothing(tom: httpx.AsyncClient, token_of, number: int, role: Role):
    header = {"Authorization": f"Bearer {await token_of('eva', role)}"}
    assert (await tom.get(f"/tickets/{number}", headers=header)).status_code == 200
    calls = {
        "take": None,
        "articles": {"kind": "reply", "text": "Hola"},
        "time": {"minutes": 5},
        "calls": {"outcome": "busy"},
        "closure": {"closure": "warranty", "cause": "x", "solution": "y", "minutes": 0},
        "closure/preview": {"closure": "warranty", "cause": "x", "solution": "y", "minutes": 0},
    }
    for path, body in calls.items():
        is_problem(await tom.post(f"/tickets/{number}/{path}", json=body, headers=header), 403)


async def test_what_is_not_there_is_a_problem_too(tom: httpx.AsyncClient):
    is_problem(await tom.get("/tickets/99"), 404)
    is_problem(await tom.get("/nothing"), 404)
    is_problem(await tom.put("/tickets"), 405)
    is_problem(await tom.get("/tickets/"), 404)
    for number in ("abc", "0", "99999999999", "99999999999999999999"):
        is_problem(await tom.get(f"/tickets/{number}"), 404)
        is_problem(await tom.post(f"/tickets/{number}/take"), 404)


async def test_a_repeated_key_has_one_effect_even_at_the_same_instant(tom: httpx.AsyncClient, number: int, database):
    async def reply(text: str = "¿Está encendida?") -> httpx.Response:
        header = {"Idempotency-Key": "abc"}
        return await tom.post(f"/tickets/{number}/articles", json={"kind": "reply", "text": text}, headers=header)

    answers = await asyncio.gather(*(reply() for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).where(Article.text == "¿Está encendida?")) == 1
    is_problem(await reply("Otra cosa"), 409)


async def test_a_refused_request_may_be_repeated_with_its_key(tom: httpx.AsyncClient, number: int):
    header = {"Idempotency-Key": "later"}
    body = {"closure": "unsuccessful", "cause": "No contesta", "solution": "", "minutes": 3}
    is_problem(await tom.post(f"/tickets/{number}/closure", json=body, headers=header), 409)
    for outcome in ("busy", "no_answer"):
        await tom.post(f"/tickets/{number}/calls", json={"outcome": outcome})
    assert (await tom.post(f"/tickets/{number}/closure", json=body, headers=header)).status_code == 200


async def test_the_description_names_every_call(tom: httpx.AsyncClient):
    description = (await tom.get("/openapi.json")).json()
    assert description["servers"] == [{"url": "/api/v1"}]
    assert set(description["paths"]) >= {
        "/tickets",
        "/tickets/{number}/articles",
        "/tickets/{number}/closure/preview",
    }
    assert description["paths"]["/tickets/{number}/articles"]["post"]["requestBody"]["content"].keys() == {
        "application/json",
        "multipart/form-data",
    }


async def test_a_note_has_no_deliveries(tom: httpx.AsyncClient, number: int, database: Database):
    await tom.post(f"/tickets/{number}/articles", json={"kind": "note", "text": "NOTA-SECRETA"})
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert ticket["articles"][-1] | {"created_at": ""} == {
        "number": 2,
        "author": {"kind": "technician", "name": "Tom"},
        "kind": "note",
        "asks": None,
        "text": "NOTA-SECRETA",
        "created_at": "",
        "attachments": [],
        "deliveries": [],
        "retracted_at": None,
    }
    async with database.read() as session:
        assert "NOTA-SECRETA" not in str([row.payload for row in await session.scalars(select(OutboxRow))])
