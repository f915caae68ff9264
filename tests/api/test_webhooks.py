"""Subscriptions by the API, and what programs are told against what the API says."""

import json
from datetime import datetime

import httpx
import pytest
from sqlalchemy import select

from core.db import Database
from core.models import OutboxRow
from core.rules.permissions import Role
from tests.api.conftest import opened

WANTED = {"url": "https://example.org/ventanilla", "events": ["ticket.created", "article.added", "ticket.closed"]}


@pytest.fixture
async def root(api: httpx.AsyncClient, token_of) -> httpx.AsyncClient:
    api.headers["Authorization"] = f"Bearer {await token_of('root', Role.ADMINISTRATOR)}"
    return api


async def told(database: Database) -> list[dict]:
    async with database.read() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.channel == "webhook").order_by(OutboxRow.id))
        return [json.loads(row.payload["body"]) for row in rows]


def moments(value):
    """The same with moments read, so that two ways to write one are the same."""
    if isinstance(value, dict):
        return {
            name: datetime.fromisoformat(one) if name in {"at", "created_at", "updated_at"} else moments(one)
            for name, one in value.items()
        }
    return [moments(one) for one in value] if isinstance(value, list) else value


async def test_a_program_subscribes_and_leaves(database, root):
    made = await root.post("/webhooks", json=WANTED, headers={"Idempotency-Key": "uno"})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    again = await root.post("/webhooks", json=WANTED, headers={"Idempotency-Key": "uno"})
    assert again.status_code == 409
    (shown,) = (await root.get("/webhooks")).json()["items"]
    assert shown == {name: value for name, value in made.json().items() if name != "secret"}
    assert (await root.delete(f"/webhooks/{shown['id']}")).status_code == 204
    assert (await root.delete(f"/webhooks/{shown['id']}")).status_code == 404
    assert (await root.get("/webhooks")).json() == {"items": []}


async def test_an_address_inside_and_an_unknown_event_are_422(root):
    for wrong in ({"url": "https://10.0.0.1/"}, {"events": ["ticket.deleted"]}, {"events": []}):
        assert (await root.post("/webhooks", json=WANTED | wrong)).status_code == 422


async def test_what_is_told_has_the_shapes_of_the_api(database, root):
    await root.post("/webhooks", json=WANTED)
    number = await opened(root)
    ticket = (await root.get(f"/tickets/{number}")).json()
    (line,) = (await root.get("/tickets")).json()["items"]
    created, added = await told(database)
    assert (created["event"], added["event"]) == ("ticket.created", "article.added")
    assert moments(created["ticket"]) == moments(line)
    (article,) = ticket["articles"]
    del article["deliveries"]
    assert moments(added["article"]) == moments(article)

    closure = {"closure": "warranty", "cause": "Fallo", "solution": "Arreglado", "minutes": 5}
    assert (await root.post(f"/tickets/{number}/closure", json=closure)).status_code == 200
    closed = (await told(database))[-1]
    (shown,) = (await root.get(f"/tickets/{number}")).json()["closures"]
    of_later = {"report_ready", "rating", "rating_comment"}
    assert moments(closed["closing"]) == moments({name: shown[name] for name in shown if name not in of_later})


async def test_a_note_is_not_told(database, root):
    await root.post("/webhooks", json=WANTED)
    number = await opened(root)
    before = len(await told(database))
    answer = await root.post(f"/tickets/{number}/articles", json={"kind": "note", "text": "Solo nosotros"})
    assert answer.status_code == 201
    assert len(await told(database)) == before
