"""Companies, ledger, purchased hours and technical hours over the API."""

import httpx
import pytest

from core.rules.permissions import Role
from tests.api.conftest import RUC, opened
from tests.api.test_tickets import is_problem


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
async def boss(api: httpx.AsyncClient, token_of) -> httpx.AsyncClient:
    api.headers["Authorization"] = f"Bearer {await token_of('boss', Role.ADMINISTRATOR)}"
    return api


async def test_hours_are_bought_used_issued_and_invoiced_once(boss: httpx.AsyncClient):
    path = f"/companies/{RUC}/purchased-hours"
    assert is_problem(await boss.post(path, json={"minutes": 60, "reference": " "}), 422)
    bought = await boss.post(path, json={"minutes": 60, "reference": "001-7"}, headers={"Idempotency-Key": "once"})
    again = await boss.post(path, json={"minutes": 60, "reference": "001-7"}, headers={"Idempotency-Key": "once"})
    assert (bought.status_code, again.json()) == (201, bought.json())

    number = await opened(boss)
    body = {"closure": "invoiced", "cause": "x", "solution": "y", "minutes": 70}
    assert (await boss.post(f"/tickets/{number}/closure", json=body)).status_code == 200
    ledger = (await boss.get(f"/companies/{RUC}/ledger", params={"per_page": 2})).json()
    assert (ledger["bag"], ledger["purchased"]) == (10, 160)
    assert [(line["kind"], line["minutes"]) for line in ledger["items"]] == [("hour_issued", -60), ("closure", 70)]
    answer = await boss.get(f"/companies/{RUC}/ledger", params={"after": ledger["next"]})
    assert answer.status_code == 200, answer.text
    rest = answer.json()
    assert [line["minutes"] for line in rest["items"]] == [60, 100]

    answer = await boss.get("/technical-hours", params={"invoiced": "false"})
    assert answer.status_code == 200, answer.text
    (hour,) = answer.json()["items"]
    assert hour["tickets"] == [{"number": number, "minutes": 60}]
    invoiced = await boss.post(f"/technical-hours/{hour['id']}/invoice", json={"reference": "001-8"})
    assert (invoiced.json()["invoiced"], invoiced.json()["reference"]) == (True, "001-8")
    is_problem(await boss.post(f"/technical-hours/{hour['id']}/invoice", json={"reference": "001-9"}), 409)
    is_problem(await boss.post(f"/tickets/{number}/reopen"), 409)
    assert (await boss.get("/technical-hours", params={"invoiced": "false"})).json()["items"] == []


async def test_companies_are_registered_once_and_listed(boss: httpx.AsyncClient):
    body = {"ruc": "0190000001001", "name": "Botica Azul", "emails": ["azul@botica.ec"]}
    assert (await boss.post("/companies", json=body)).status_code == 201
    is_problem(await boss.post("/companies", json=body), 409)
    first = (await boss.get("/companies", params={"per_page": 1})).json()
    assert first["items"] == [{"ruc": "0190000001001", "name": "Botica Azul"}]
    rest = (await boss.get("/companies", params={"after": first["next"]})).json()
    assert len(rest["items"]) == 2


async def test_a_technician_neither_sells_hours_nor_invoices(tom: httpx.AsyncClient):
    is_problem(await tom.post(f"/companies/{RUC}/purchased-hours", json={"minutes": 60, "reference": "1"}), 403)
    is_problem(await tom.post("/technical-hours/1/invoice", json={"reference": "1"}), 403)
    is_problem(await tom.post("/companies", json={"ruc": "0190000001001", "name": "Botica"}), 403)


async def test_a_month_of_a_company_adds_up(boss: httpx.AsyncClient):
    number = await opened(boss)
    body = {"closure": "invoiced", "cause": "x", "solution": "y", "minutes": 70}
    assert (await boss.post(f"/tickets/{number}/closure", json=body)).status_code == 200
    statement = (await boss.get(f"/companies/{RUC}/statement")).json()
    assert (statement["purchased"]["opening"], statement["purchased"]["closing"]) == (None, 100)
    lines = [(line["ticket"], line["kind"], line["minutes"], line["balance"]) for line in statement["bag"]["lines"]]
    assert lines == [(number, "closure", 70, 70), (None, "hour_issued", -60, 10)]
    assert statement["technical_hours"][0]["tickets"] == [{"number": number, "minutes": 60}]
    earlier = (await boss.get(f"/companies/{RUC}/statement", params={"month": "2019-02"})).json()
    assert (earlier["bag"]["closing"], earlier["bag"]["lines"]) == (0, [])
    assert is_problem(await boss.get(f"/companies/{RUC}/statement", params={"month": "2026-13"}), 422)


@pytest.mark.parametrize(
    "moment", ["2027-01-11T10:00:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14:00", 1800000000]
)
async def test_hours_are_good_until_a_moment_that_can_be(boss: httpx.AsyncClient, moment: str | int):
    body = {"minutes": 60, "reference": "001-7", "expires_at": moment}
    problem = is_problem(await boss.post(f"/companies/{RUC}/purchased-hours", json=body), 422)
    assert "expires_at" in str(problem)
