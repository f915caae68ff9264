"""Whatever a program sends, it is answered: never a crash, and every refusal is a problem."""

import json
import random
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.models import Company
from core.rules.permissions import Role
from tests import databases
from tests.api.conftest import RUC, opened

ROUNDS = 8
NASTY: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    "",
    " ",
    "0",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 5000,
    "'; DROP TABLE tickets; --",
    "%",
    "\\",
    "٣",
    "9999-12-31T23:59:59+14:00",
    "2027-01-11T10:00:00-05:00",
    "9999-12-31T23:59:59-14:00",
    "2027-01-11T10:00:00",
    "0001-01-01T00:00:00-23:59",
    "NaN",
    [],
    [[]],
    [None],
    {},
    {"": {}},
    RUC,
    "support",
    "SaciJava",
    "warranty",
    "invoiced",
    "connected",
    "reply",
    "https://[",
    "https://example.org/x",
    ["ticket.created", "ticket.created"],
    12,
    "YmVsb3c6NQ",
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"NaN",
    b'{"minutes": Infinity}',
    b"\xff\xfe",
    b"[" * 5000,
    b'{"a":' * 3000,
    b'{"minutes": 1e400}',
    b'{"minutes": ' + b"9" * 5000 + b"}",
)


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[1]  # the stricter of the two


@pytest.fixture
async def root(api: httpx.AsyncClient, token_of) -> httpx.AsyncClient:
    api.headers["Authorization"] = f"Bearer {await token_of('root', Role.ADMINISTRATOR)}"
    return api


def is_answered(answer: httpx.Response, *what: object) -> None:
    assert answer.status_code < 500, (what, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", what
        assert answer.json()["status"] == answer.status_code, what


def written(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def filled(path: str, chance: random.Random) -> str:
    known = {"{number}": ("1001", "0", "99999999999", "x", "%00", "-1"), "{ruc}": (RUC, "1", "%00", "ñ", "0" * 13)}
    for name in ("{number}", "{ruc}", "{id}"):
        path = path.replace(name, chance.choice(known.get(name, ("1", "2", "0", "9" * 30, "x"))))
    return path


def properties(operation: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return [*schema.get("properties", {}), "unknown"]


async def test_no_call_crashes_whatever_its_fields_hold(root):
    await opened(root)
    chance = random.Random(20261129)
    description = (await root.get("/openapi.json")).json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            names = properties(operation, description["components"]["schemas"])
            queries = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            for _ in range(ROUNDS):
                address = filled(path, chance)
                body = {name: chance.choice(NASTY) for name in chance.sample(names, chance.randint(0, len(names)))}
                query = {
                    name: str(chance.choice(NASTY)).encode("utf-8", "replace").decode()[:2000]
                    for name in chance.sample(queries, chance.randint(0, len(queries)))
                }
                content = written(body) if method == "post" else None
                headers = {"Content-Type": "application/json"} if content else {}
                answer = await root.request(method, address, content=content, params=query, headers=headers)
                is_answered(answer, method, address, body, query)


async def test_no_call_crashes_whatever_its_body_is(database, root):
    await opened(root)
    description = (await root.get("/openapi.json")).json()
    for path, methods in description["paths"].items():
        if "post" not in methods:
            continue
        address = path.replace("{number}", "1001").replace("{ruc}", RUC).replace("{id}", "1")
        for body in BODIES:
            answer = await root.post(address, content=body, headers={"Content-Type": "application/json"})
            is_answered(answer, address, body[:40])
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Company)) == 2


async def test_a_body_of_another_type_is_415(root):
    number = await opened(root)
    for address in (f"/tickets/{number}/time", f"/tickets/{number}/articles", "/tickets"):
        for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            answer = await root.post(address, content=b"x=1", headers={"Content-Type": media_type})
            assert answer.status_code == 415, (address, media_type)
            is_answered(answer, address)


async def test_other_methods_and_addresses_are_problems(root):
    for method, address, status in (
        ("PUT", "/tickets", 405),
        ("DELETE", "/tickets/1001", 405),
        ("PATCH", "/webhooks", 405),
        ("GET", "/nothing", 404),
        ("GET", "/tickets/", 404),
        ("POST", "/tickets/x/time", 404),
    ):
        answer = await root.request(method, address)
        assert answer.status_code == status, (method, address)
        is_answered(answer, address)
