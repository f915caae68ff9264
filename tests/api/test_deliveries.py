"""Deliveries for programs: listed by state, tried again once."""

import httpx
import pytest
from sqlalchemy import select

from core.clock import now
from core.db import Database
from core.messaging import outbox
from core.models import AuditEntry, Channel, DeliveryAttempt, DeliveryState, OutboxRow
from core.rules.permissions import Role


@pytest.fixture
async def vera(api: httpx.AsyncClient, token_of) -> httpx.AsyncClient:
    api.headers["Authorization"] = f"Bearer {await token_of('vera', Role.SUPERVISOR)}"
    return api


async def a_mail(database: Database, state: DeliveryState, to: str = "pagos@andina.example") -> int:
    async with database.write() as session:
        row = await outbox.put(session, "mail-1", "mail", {"to": [to]}, channel=Channel.EMAIL)
        row.state, row.error = state, "550 user unknown"
        session.add(DeliveryAttempt(outbox_id=row.id, started_at=now(), outcome="bad_content"))
        return row.id


async def test_what_failed_is_listed_newest_first_with_its_reason(database, vera):
    first = await a_mail(database, DeliveryState.DEAD)
    second = await a_mail(database, DeliveryState.DEAD, "otra@andina.example")
    await a_mail(database, DeliveryState.SENT)
    answer = (await vera.get("/deliveries", params={"state": "dead", "per_page": 1})).json()
    (item,) = answer["items"]
    assert (item["id"], item["channel"], item["state"]) == (second, "email", "dead")
    assert item["recipient"] == "otra@andina.example"
    assert item["reason"] == "El servidor de correo no conoce esta dirección o la rechaza."
    assert [attempt["outcome"] for attempt in item["tries"]] == ["bad_content"]
    answer = (await vera.get("/deliveries", params={"state": "dead", "after": answer["next"]})).json()
    assert ([item["id"] for item in answer["items"]], answer["next"]) == ([first], None)
    assert len((await vera.get("/deliveries")).json()["items"]) == 2
    (sent,) = (await vera.get("/deliveries", params={"state": "sent"})).json()["items"]
    assert sent["reason"] == ""
    assert (await vera.get("/deliveries", params={"state": "lost"})).status_code == 422


async def test_a_retry_happens_once_and_is_audited(database, vera):
    row_id = await a_mail(database, DeliveryState.DEAD)
    for _ in range(2):
        answer = await vera.post(f"/deliveries/{row_id}/retry", headers={"Idempotency-Key": "uno"})
        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    again = await vera.post(f"/deliveries/{row_id}/retry")
    assert again.status_code == 409
    assert (await vera.post("/deliveries/999/retry")).status_code == 404
    async with database.read() as session:
        assert (await session.get_one(OutboxRow, row_id)).state is DeliveryState.QUEUED
        assert [entry.action for entry in await _audit(session)] == ["delivery.retried"]


async def _audit(session) -> list[AuditEntry]:
    return list(await session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("delivery"))))


async def test_a_technician_may_look_and_not_retry(database, tom):
    row_id = await a_mail(database, DeliveryState.DEAD)
    assert (await tom.get("/deliveries")).status_code == 200
    assert (await tom.post(f"/deliveries/{row_id}/retry")).status_code == 403
    del tom.headers["Authorization"]
    assert (await tom.get("/deliveries")).status_code == 401
