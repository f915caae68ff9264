"""Every example of docs/api.md runs, in its order, and answers what the page shows."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from admin.api.app import create_api
from core.actions import staff
from core.db import Database
from core.messaging import outbox, reports
from core.models import Channel, DeliveryState
from core.models import Desk as DeskRow
from core.rules.permissions import Role
from tests import databases

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[0]


def blocks() -> Iterator[tuple[str, str]]:
    """Kind and content of each block of the page."""
    yield from re.findall(r"^```(\w+)\n(.*?)^```", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    return [shlex.split(line) for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def request_of(command: list[str], token: str) -> dict[str, Any]:
    """What curl would send."""
    assert command[0] == "curl"
    words = iter(command[1:])
    found: dict[str, Any] = {"headers": {}, "method": "", "files": {}, "data": {}}
    for word in words:
        if word == "-X":
            found["method"] = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            found["headers"][name] = value.replace("$TOKEN", token)
        elif word == "--json":
            found["content"] = next(words)
            found["headers"]["Content-Type"] = "application/json"
        elif word == "-F":
            name, _, value = next(words).partition("=")
            if value.startswith("@"):
                found["files"][name] = (value[1:], PNG, "image/png")
            else:
                found["data"][name] = value
        elif word == "-o":
            next(words)
        else:
            found["url"] = word.replace("$DESK/", "/")
    has_body = "content" in found or found["files"]
    found["method"] = found["method"] or ("POST" if has_body else "GET")
    return {name: value for name, value in found.items() if value}


def resembles(shown: Any, real: Any) -> bool:
    """Whether what is shown is part of the answer; what is made up, and moments, are only texts there, too."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(name in real and resembles(shown[name], real[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(real, list) and len(real) >= len(shown) and all(map(resembles, shown, real))
    is_made_up = isinstance(shown, str) and ("…" in shown or re.match(r"20\d\d-", shown))
    return isinstance(real, str) if is_made_up else shown == real


@pytest.fixture
async def client(database: Database, office, store):
    async with database.write() as session:
        desk = await session.get_one(DeskRow, 1)
        desk.last_ticket_number, desk.bot_username = 1041, "saci_bot"
        await staff.add_technician(session, username="root", name="Root", role=Role.ADMINISTRATOR)
        await staff.add_technician(session, username="dora", name="Dora", is_development=True)
        row = await outbox.put(session, "mail-1", "mail", {"to": ["pagos@andina.example"]}, channel=Channel.EMAIL)
        row.id, row.state, row.error = 900, DeliveryState.DEAD, "550 user unknown"
        token = await staff.api_token(session, "root")
    app = create_api(database=database, office=office, store=store)
    with time_machine.travel("2027-01-05T15:00:00Z", tick=True):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://panel.test") as client:
            client.token = token
            yield client


async def test_every_example_of_the_manual_runs(client, database: Database, store, office):
    answer, ran = None, set()
    for kind, block in blocks():
        for command in commands(block) if kind == "sh" else ():
            request = request_of(command, client.token)
            if request["url"].endswith("report.pdf"):
                await reports.draw_pending(database, store, office.t)
            answer = await client.request(**request)
            assert answer.is_success, (command, answer.text)
            ran.add(f"{request['method']} {re.sub(r'/[0-9]+', '/…', request['url'].partition('?')[0])}")
        if kind == "json":
            assert resembles(json.loads(block), answer.json()), (block, answer.text)
    described = {
        f"{method.upper()} {re.sub(r'{[a-z]+}', '…', path)}"
        for path, methods in (await client.get("/openapi.json")).json()["paths"].items()
        for method in methods
    }
    assert ran == described
