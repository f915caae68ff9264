"""A request that is sent again – lost answers, impatient programs – has one effect."""

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from core.models import Attachment, IdempotentAnswer, LedgerLine, Ticket
from tests.api.conftest import RUC, opened
from tests.api.test_tickets import is_problem

TICKET = {"ruc": RUC, "service": "support", "product": "SaciJava", "subject": "No imprime", "text": "Llamó Ada."}


async def count(database: Database, kind: type) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(kind)) or 0


async def test_one_ticket_however_many_ask_at_once(tom: httpx.AsyncClient, database: Database):
    answers = await asyncio.gather(
        *(tom.post("/tickets", json=TICKET, headers={"Idempotency-Key": "t-1"}) for _ in range(5))
    )
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", *["true"] * 4]
    assert await count(database, Ticket) == 1


async def test_one_closing_charges_once(tom: httpx.AsyncClient, number: int, database: Database):
    body = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": 4}
    header = {"Idempotency-Key": "close"}
    answers = await asyncio.gather(
        *(tom.post(f"/tickets/{number}/closure", json=body, headers=header) for _ in range(3))
    )
    assert {(answer.status_code, answer.json()["bag_after"]) for answer in answers} == {(200, 15)}
    async with database.read() as session:
        assert list(await session.scalars(select(LedgerLine.minutes).order_by(LedgerLine.id))) == [100, 15]


async def test_every_post_that_changes_something_honours_the_key(tom: httpx.AsyncClient, number: int):
    ahead = (now() + timedelta(days=2)).isoformat()
    calls = {
        "articles": {"kind": "reply", "text": "Hola"},
        "take": None,
        "pending": {"remind_at": ahead, "responsible": "tom"},
        "resume": None,
        "calls": {"outcome": "busy"},
        "time": {"minutes": 5},
        "assign": {"assignee": "tom"},
        "links": {"number": await opened(tom)},
        "service": {"service": "support", "product": "SaciAnex ATS"},
        "articles/2/retract": None,
    }
    for path, body in calls.items():
        header = {"Idempotency-Key": f"k-{path}"}
        first, second = [await tom.post(f"/tickets/{number}/{path}", json=body, headers=header) for _ in range(2)]
        assert (first.status_code, first.text) == (second.status_code, second.text)
        assert second.headers["idempotent-replayed"] == "true"
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert (len(ticket["articles"]), len(ticket["calls"]), len(ticket["time_entries"])) == (3, 1, 1), (
        "a call that came to nothing asks when to call"
    )


async def test_a_merging_that_is_asked_for_again_is_answered_as_the_first_time(tom: httpx.AsyncClient, number: int):
    gone = await opened(tom)
    answers = [
        await tom.post(f"/tickets/{gone}/merge", json={"into": number}, headers={"Idempotency-Key": "m"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    is_problem(await tom.post(f"/tickets/{gone}/merge", json={"into": number}), 409)


async def test_a_form_with_files_is_the_same_whatever_its_boundary(tom, number: int, database: Database):
    async def send(content: bytes, boundary: str) -> httpx.Response:
        return await tom.post(
            f"/tickets/{number}/articles",
            data={"kind": "reply", "text": "Instale esto."},
            files=[("files", ("parche.txt", content))],
            headers={"Idempotency-Key": "f", "Content-Type": f"multipart/form-data; boundary={boundary}"},
        )

    first, second = await send(b"parche", "one"), await send(b"parche", "two")
    assert (first.status_code, first.text) == (201, second.text)
    assert await count(database, Attachment) == 1
    is_problem(await send(b"otro", "three"), 409)


async def test_a_key_belongs_to_one_technician_one_address_and_one_day(
    tom, token_of, number: int, database: Database
):
    header = {"Idempotency-Key": "shared"}
    path = f"/tickets/{number}/time"
    assert (await tom.post(path, json={"minutes": 5}, headers=header)).status_code == 201

    other = header | {"Authorization": f"Bearer {await token_of('ines')}"}
    assert (await tom.post(path, json={"minutes": 5}, headers=other)).json()["technician"] == "Ines"

    elsewhere = await opened(tom)
    is_problem(await tom.post(f"/tickets/{elsewhere}/time", json={"minutes": 5}, headers=header), 409)

    async with database.write() as session:
        await session.execute(update(IdempotentAnswer).values(created_at=now() - timedelta(hours=24, seconds=1)))
    again = await tom.post(path, json={"minutes": 7}, headers=header)
    assert (again.status_code, again.json()["minutes"]) == (201, 7)
    assert "idempotent-replayed" not in again.headers


async def test_a_key_has_its_length(tom: httpx.AsyncClient, number: int):
    problem = is_problem(await tom.post(f"/tickets/{number}/take", headers={"Idempotency-Key": "k" * 129}), 422)
    assert problem["errors"][0]["field"] == "idempotency-key"
    assert (await tom.post(f"/tickets/{number}/take", headers={"Idempotency-Key": "k" * 128})).status_code == 200
