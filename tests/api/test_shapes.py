"""What the answers hold: the exact members, the pushes of an article, long tickets whole, closings in numbers."""

from datetime import datetime

import httpx
import pytest
from sqlalchemy import select

from core.actions import tickets
from core.db import Database
from core.messaging.reports import draw_pending
from core.messaging.store import FileStore
from core.models import OutboxRow, Person, Report, Technician
from core.queries.tickets import by_number
from core.render.office import Office
from core.rules.permissions import Role
from tests.api.conftest import opened

LINE = {"number", "subject", "state", "service", "company", "created_at", "updated_at", "waiting_for"}


async def test_a_list_and_a_ticket_have_the_members_of_the_interface(tom: httpx.AsyncClient, number: int):
    page = (await tom.get("/tickets")).json()
    assert page.keys() == {"items", "next"}
    (line,) = page["items"]
    assert line.keys() == LINE
    assert (line["state"], line["service"], line["waiting_for"]) == ("open", "support", "desk")

    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert {name: ticket[name] for name in LINE} == line
    more = {"articles", "calls", "time_entries", "closures", "product", "assignee", "responsible", "remind_at"}
    more |= {"linked", "close_asked_at", "asks", "request", "appointments", "version"}
    more |= {"on_behalf_of", "links", "merged_into", "merged", "service_asked"}
    assert ticket.keys() == LINE | more | {"verified"}
    members = {"number", "author", "kind", "asks", "text", "created_at", "attachments", "deliveries", "retracted_at"}
    assert ticket["articles"][0].keys() == members
    for moment in (ticket["created_at"], ticket["updated_at"], ticket["articles"][0]["created_at"]):
        assert datetime.fromisoformat(moment).utcoffset() is not None


async def test_a_ticket_opened_here_is_announced_to_the_company(
    tom: httpx.AsyncClient, ada: Person, database: Database
):
    number = await opened(tom)
    async with database.read() as session:
        (row,) = await session.scalars(select(OutboxRow))
    assert row.lane == str(ada.telegram_id)
    assert f"#{number}" in row.payload["text"]


async def test_an_article_shows_its_pushes_and_a_note_has_none(
    tom: httpx.AsyncClient, number: int, ada: Person, database: Database
):
    path = f"/tickets/{number}/articles"
    reply = (await tom.post(path, json={"kind": "reply", "text": "¿Está encendida?"})).json()
    request = (await tom.post(path, json={"kind": "request", "text": "Mande una captura."})).json()
    note = (await tom.post(path, json={"kind": "note", "text": "NOTA-SECRETA"})).json()
    assert reply["deliveries"] == request["deliveries"] == [{"channel": "telegram", "state": "queued"}]
    assert note["deliveries"] == []

    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert ticket["articles"][1:] == [reply, request, note]
    assert ticket["waiting_for"] == "customer"
    async with database.read() as session:
        pushed = str([row.payload for row in await session.scalars(select(OutboxRow))])
    assert "Mande una captura." in pushed
    assert "NOTA-SECRETA" not in pushed


async def test_a_long_ticket_comes_whole_and_in_order(
    tom: httpx.AsyncClient, number: int, database: Database, office: Office
):
    async with database.write() as session:
        actor = await session.scalar(select(Technician).where(Technician.username == "tom"))
        assert actor is not None
        ticket = await by_number(session, number, lock=True)
        for turn in range(2, 231):
            await tickets.note(session, actor, ticket, text=f"Nota {turn}")
            if turn % 50 == 0:
                await tickets.log_time(session, actor, ticket, minutes=turn)
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert [article["number"] for article in ticket["articles"]] == list(range(1, 231))
    assert [entry["minutes"] for entry in ticket["time_entries"]] == [50, 100, 150, 200]


async def test_pages_neither_miss_nor_repeat_while_tickets_change(tom: httpx.AsyncClient):
    numbers = [await opened(tom, f"Problema {turn}") for turn in range(6)]
    first = (await tom.get("/tickets", params={"per_page": 3})).json()
    await tom.post(f"/tickets/{numbers[0]}/time", json={"minutes": 5})  # the oldest becomes the latest changed
    await opened(tom, "Uno más")
    second = (await tom.get("/tickets", params={"per_page": 3, "after": first["next"]})).json()
    assert [item["number"] for item in first["items"] + second["items"]] == numbers[::-1]
    assert second["next"] is None


async def test_a_closing_tells_its_numbers_and_serves_the_stored_report(
    tom: httpx.AsyncClient, number: int, database: Database, store: FileStore, office: Office
):
    body = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": 75}
    closed = (await tom.post(f"/tickets/{number}/closure", json=body)).json()
    expected = {"bag_before": 0, "bag_after": 15, "technical_hours_issued": 1, "charged_minutes": 75}
    expected |= {"purchased_before": 100, "purchased_after": 100}
    assert closed == expected | {"refused": []}

    await draw_pending(database, store, office.t)
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert (ticket["state"], ticket["waiting_for"]) == ("invoiced", "none")
    (closure,) = ticket["closures"]
    assert {name: closure[name] for name in expected} == expected
    assert (closure["number"], closure["real_minutes"], closure["report_ready"]) == (1, 75, True)
    assert [item["number"] for item in (await tom.get("/tickets", params={"state": "closed"})).json()["items"]] == [
        number
    ]

    answer = await tom.get(f"/tickets/{number}/report.pdf")
    async with database.read() as session:
        sha256 = await session.scalar(select(Report.pdf_sha256))
    assert sha256 is not None
    assert answer.content == await store.read(sha256)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await tom.get(f"/tickets/{number}/report.pdf", params={"closure": 2})).status_code == 404
    store.path(sha256).unlink()
    assert (await tom.get(f"/tickets/{number}/report.pdf")).status_code == 404


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SUPERVISOR, Role.ADMINISTRATOR])
async def test_who_works_at_the_desk_may_work_here(tom: httpx.AsyncClient, token_of, number: int, role: Role):
    header = {"Authorization": f"bearer {await token_of('ines', role)}"}
    taken = (await tom.post(f"/tickets/{number}/take", headers=header)).json()
    assert (taken["assignee"], taken["state"]) == ("ines", "open")
    assert (await tom.post(f"/tickets/{number}/time", json={"minutes": 5}, headers=header)).status_code == 201
