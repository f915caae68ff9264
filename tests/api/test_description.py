"""The OpenAPI document: valid, complete, and true to the answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.openapi.models import OpenAPI

CALLS = {
    "GET /tickets",
    "POST /tickets",
    "GET /tickets/{number}",
    "POST /tickets/{number}/articles",
    "POST /tickets/{number}/take",
    "POST /tickets/{number}/assign",
    "POST /tickets/{number}/articles/{article}/retract",
    "GET /tickets/{number}/files/{id}",
    "POST /tickets/{number}/links",
    "DELETE /tickets/{number}/links/{other}",
    "POST /tickets/{number}/merge",
    "POST /tickets/{number}/service",
    "POST /tickets/{number}/reopen",
    "POST /tickets/{number}/pending",
    "POST /tickets/{number}/resume",
    "POST /tickets/{number}/calls",
    "POST /tickets/{number}/time",
    "POST /tickets/{number}/closure/preview",
    "POST /tickets/{number}/closure",
    "GET /tickets/{number}/report.pdf",
    "GET /timers",
    "POST /tickets/{number}/timer/start",
    "POST /tickets/{number}/timer/{id}/stop",
    "POST /tickets/{number}/time/{id}/correction",
    "POST /tickets/{number}/reclassify",
    "POST /companies/{ruc}/password-reset",
    "GET /companies",
    "POST /companies",
    "GET /companies/{ruc}",
    "GET /companies/{ruc}/ledger",
    "GET /companies/{ruc}/statement",
    "POST /companies/{ruc}/invitations",
    "POST /companies/{ruc}/purchased-hours",
    "GET /technical-hours",
    "POST /technical-hours/{id}/invoice",
    "GET /deliveries",
    "POST /deliveries/{id}/retry",
    "GET /webhooks",
    "POST /webhooks",
    "DELETE /webhooks/{id}",
}


@pytest.fixture
async def description(api: httpx.AsyncClient) -> dict[str, Any]:
    return (await api.get("/openapi.json")).json()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


async def test_it_is_valid_and_lists_every_call(description: dict[str, Any]):
    OpenAPI.model_validate(description)
    assert {name for name, _ in operations(description)} == CALLS
    known = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert set(references(description)) <= known


async def test_every_call_names_its_token_its_refusals_and_what_it_does(description: dict[str, Any]):
    for name, operation in operations(description):
        assert operation["security"] == [{"HTTPBearer": []}], name
        assert operation["description"], name
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "4"}
        assert {"401", "403", "422"} <= refusals.keys(), name
        for answer in refusals.values():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


async def test_every_post_that_changes_something_takes_a_key(description: dict[str, Any]):
    for name, operation in operations(description):
        takes = any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", []))
        assert takes == (name.startswith("POST") and not name.endswith("/preview")), name


async def test_nothing_loads_from_elsewhere(api: httpx.AsyncClient):
    for path in ("/docs", "/redoc"):
        assert (await api.get(path)).status_code == 404


async def test_a_problem_is_what_the_description_says(api: httpx.AsyncClient, tom, number: int, description):
    known = description["components"]["schemas"]["Problem"]["properties"]
    body = {"closure": "unsuccessful", "cause": "No contesta", "minutes": 0}
    problem = (await tom.post(f"/tickets/{number}/closure", json=body)).json()
    assert problem.keys() <= known.keys()
    assert problem["reasons"] == ["too_few_calls"]
    assert problem["explanations"] == ["Faltan intentos de llamada desde que se abrió el ticket."]
