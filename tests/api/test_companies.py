"""Companies for programs: who acts for one, and the link that lets one more in."""

import re

from core.actions import bindings, desk, people
from core.models import Invitation
from core.queries.company_card import by_ruc
from core.rules.identity import Proof
from core.rules.permissions import Role
from tests.api.conftest import RUC


async def test_a_company_carries_its_persons(tom, database, office):
    async with database.write() as session:
        person = (await people.greet(session, [people.TelegramUser(501, "Ada", "Loor")]))[501]
        company = await by_ruc(session, RUC)
        await bindings.bind(session, person, company, Proof.INVITATION, office=office)
    answer = (await tom.get(f"/companies/{RUC}")).json()
    assert (answer["ruc"], answer["name"]) == (RUC, "Comercial Andina")
    (ada,) = answer["persons"]
    assert ada.pop("since").endswith("-05:00")
    assert ada == {
        "id": 1,
        "name": "Ada Loor",
        "level": "verified",
        "proof": "invitation",
        "last_seen_at": None,
        "reachable": True,
        "frozen": False,
        "contact_person": True,
    }
    assert (await tom.get("/companies/0000000000000")).status_code == 404


async def test_an_invitation_is_answered_once_and_stored_nowhere(tom, database, token_of):
    assert (await tom.post(f"/companies/{RUC}/invitations")).status_code == 409
    async with database.write() as session:
        await desk.remember_username(session, "saci_bot")
    once = {"Idempotency-Key": "una"}
    answer = await tom.post(f"/companies/{RUC}/invitations", headers=once)
    assert answer.status_code == 201
    token = re.fullmatch(r"https://t\.me/saci_bot\?start=([A-Za-z0-9_-]{43})", answer.json()["link"])
    assert token is not None
    assert (await tom.post(f"/companies/{RUC}/invitations", headers=once)).status_code == 409
    async with database.read() as session:
        (stored,) = (await session.execute(Invitation.__table__.select())).all()
    assert token[1] not in str(stored)
    tom.headers["Authorization"] = f"Bearer {await token_of('vera', Role.AUDITOR)}"
    assert (await tom.post(f"/companies/{RUC}/invitations")).status_code == 403


async def test_hours_of_a_new_company_are_recorded_by_who_may_record_purchases(tom, database, token_of):
    new = {"ruc": "1790016919001", "name": "Favorita", "purchased_minutes": 90}
    tom.headers["Authorization"] = f"Bearer {await token_of('vera', Role.SUPERVISOR)}"
    refused = await tom.post("/companies", json=new)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert "Su rol no registra horas compradas." in refused.json()["detail"]
    assert (await tom.get("/companies/1790016919001")).status_code == 404

    tom.headers["Authorization"] = f"Bearer {await token_of('boss', Role.ADMINISTRATOR)}"
    for beyond in (600_001, 2**40, 2**70):
        refused = await tom.post("/companies", json=new | {"purchased_minutes": beyond})
        assert refused.status_code == 422, refused.text
        assert [flaw["field"] for flaw in refused.json()["errors"]] == ["purchased_minutes"]
    assert (await tom.post("/companies", json=new)).status_code == 201
    assert (await tom.get("/companies/1790016919001/ledger")).json()["purchased"] == 90
