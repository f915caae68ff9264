"""Every route, asked for by every role: the answer follows from the table of permissions and nothing else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Mount

from admin.api.app import create_api
from admin.app import create_app
from admin.auth import Entrance
from admin.routes import PAGES
from core.actions import staff
from core.actions.staff import token_sha256
from core.clock import now
from core.db import Database
from core.models import StaffSession
from core.rules.permissions import Permission, Role, allows
from tests import databases
from tests.admin.conftest import HOME
from tests.admin.desk import Desk

CSRF = "the-token-of-the-form"
FOREIGN = {"ruc": "1790012345001", "token": "unknown"}
_PENDING = {"remind_at": "2099-01-05T09:00:00-05:00", "responsible": "technician"}
_CLOSING = {"closure": "warranty", "cause": "x", "solution": "x", "minutes": 10}
_TICKET = {"ruc": FOREIGN["ruc"], "service": "support", "product": "SaciJava", "subject": "x", "text": "x"}

# what each call of the API needs, with a body that is well-formed
API = {
    ("GET", "/tickets"): (Permission.SEE_TICKETS, None),
    ("POST", "/tickets"): (Permission.OPEN_TICKET, _TICKET),
    ("GET", "/tickets/{number}"): (Permission.SEE_TICKETS, None),
    ("POST", "/tickets/{number}/closure/preview"): (Permission.CLOSE, _CLOSING),
    ("POST", "/tickets/{number}/closure"): (Permission.CLOSE, _CLOSING),
    ("GET", "/tickets/{number}/report.pdf"): (Permission.SEE_TICKETS, None),
    ("POST", "/tickets/{number}/articles"): (Permission.ANSWER, {"kind": "reply", "text": "x"}),
    ("POST", "/tickets/{number}/take"): (Permission.TAKE, {}),
    ("POST", "/tickets/{number}/assign"): (Permission.ASSIGN, {"assignee": "technician"}),
    ("POST", "/tickets/{number}/articles/{article}/retract"): (Permission.RETRACT, {}),
    ("GET", "/tickets/{number}/files/{id}"): (Permission.SEE_TICKETS, None),
    ("POST", "/tickets/{number}/links"): (Permission.LINK_TICKETS, {"number": 999999}),
    ("DELETE", "/tickets/{number}/links/{other}"): (Permission.LINK_TICKETS, None),
    ("POST", "/tickets/{number}/merge"): (Permission.MERGE_TICKETS, {"into": 999999}),
    ("POST", "/tickets/{number}/service"): (Permission.CHANGE_SERVICE, {"service": "support", "product": "x"}),
    ("POST", "/tickets/{number}/reopen"): (Permission.REOPEN, {}),
    ("POST", "/tickets/{number}/pending"): (Permission.SET_PENDING, _PENDING),
    ("POST", "/tickets/{number}/resume"): (Permission.SET_PENDING, {}),
    ("POST", "/tickets/{number}/calls"): (Permission.LOG_CALL, {"outcome": "no_answer"}),
    ("POST", "/tickets/{number}/time"): (Permission.LOG_TIME, {"minutes": 10}),
    ("GET", "/timers"): (Permission.LOG_TIME, None),
    ("POST", "/tickets/{number}/timer/start"): (Permission.LOG_TIME, {}),
    ("POST", "/tickets/{number}/timer/{id}/stop"): (Permission.LOG_TIME, {}),
    ("POST", "/tickets/{number}/time/{id}/correction"): (Permission.LOG_TIME, {"minutes": 1, "reason": "x"}),
    ("POST", "/tickets/{number}/reclassify"): (Permission.RECLASSIFY, _CLOSING),
    ("POST", "/companies/{ruc}/password-reset"): (Permission.RESET_PASSWORD, {"reason": "x"}),
    ("GET", "/companies/{ruc}"): (Permission.SEE_COMPANY, None),
    ("POST", "/companies/{ruc}/invitations"): (Permission.INVITE, {}),
    ("GET", "/companies"): (Permission.SEE_COMPANY, None),
    ("POST", "/companies"): (Permission.EDIT_COMPANY, {"ruc": "0912345678001", "name": "Taller Eve"}),
    ("GET", "/companies/{ruc}/ledger"): (Permission.SEE_LEDGER, None),
    ("GET", "/companies/{ruc}/statement"): (Permission.SEE_LEDGER, None),
    ("POST", "/companies/{ruc}/purchased-hours"): (Permission.BUY_HOURS, {"minutes": 60, "reference": "x"}),
    ("GET", "/technical-hours"): (Permission.SEE_LEDGER, None),
    ("POST", "/technical-hours/{id}/invoice"): (Permission.INVOICE, {"reference": "x"}),
    ("GET", "/deliveries"): (Permission.SEE_DELIVERIES, None),
    ("POST", "/deliveries/{id}/retry"): (Permission.RETRY_DELIVERY, {}),
    ("GET", "/webhooks"): (Permission.SEE_SETTINGS, None),
    ("POST", "/webhooks"): (Permission.EDIT_SETTINGS, {"url": "https://example.org/", "events": ["ticket.closed"]}),
    ("DELETE", "/webhooks/{id}"): (Permission.EDIT_SETTINGS, None),
}


@pytest.fixture
async def one_database(tmp_path: Path) -> AsyncIterator[Database]:
    """Who may do what is asked of no database: one kind is enough."""
    url = await databases.fresh_url("sqlite", tmp_path)
    database = Database(url)
    yield database
    await database.close()
    await databases.drop(url)


@pytest.fixture
async def client(one_database, office, store) -> AsyncIterator[httpx.AsyncClient]:
    desk = Desk(one_database, office)
    company = await desk.registers()
    await desk.receives(company, await desk.greets(company))
    moment = now()
    async with one_database.write() as session:
        for role in Role:
            technician = await staff.add_technician(session, username=role.value, name=role.value, role=role)
            cookie = token_sha256(role.value)
            row = StaffSession(token_sha256=cookie, technician_id=technician.id, csrf_token=CSRF)
            row.created_at = row.seen_at = moment
            session.add(row)
    api = create_api(database=one_database, office=office, store=store)
    mounts = [Mount("/api/v1", api)]
    app = create_app(database=one_database, office=office, store=store, secret=None, https=False, mounts=mounts)
    app.state.api = api
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME) as client:
        client.app = app
        yield client


def foreign(path: str) -> str:
    """The address of something that is not there – or belongs to somebody else, which must look the same."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FOREIGN.get(found[1], "999999"), path)


def wanted(page, role: Role | None) -> set[int]:
    """The statuses a page may have for a role; a form with nothing in it is refused in many ways, but not as 403."""
    if page.path == "/readyz":
        return {503}  # nothing runs beside this panel
    if page.needs is Entrance.EVERYBODY:
        return {200, 303, 403, 404} if page.method == "GET" else {403, 404}  # a form without its page
    if page.needs is Entrance.HALFWAY:
        return {303}
    if role is None:
        return {303} if page.method == "GET" or page.path == "/logout" else {401}
    if isinstance(page.needs, Permission) and not allows(role, page.needs):
        return {403}
    if "{" in page.path:
        return {404, 303} if page.path.endswith("{form:path}") else {404}
    return {200} if page.method == "GET" else {200, 303, 409, 422}


async def test_every_page_answers_every_role_as_the_table_says(client):
    client.app.state.live.stop()  # its streams would not end by themselves
    # who logs out has no session any more
    pages = sorted(PAGES, key=lambda page: page.path == "/logout")
    for page in pages:
        for role in [None, *Role]:
            cookies = {"Cookie": f"session={role.value}"} if role else {}
            answer = await client.request(
                page.method,
                foreign(page.path),
                data={"csrf": CSRF, "reason": "x"} if page.method == "POST" else None,
                headers={"Origin": HOME, **cookies},
            )
            assert answer.status_code in wanted(page, role), (page.method, page.path, role, answer.status_code)


async def test_every_call_answers_every_role_as_the_table_says(client, one_database):
    tokens: dict[Role | None, str] = {None: "unknown"}
    async with one_database.write() as session:
        for role in Role:
            tokens[role] = await staff.api_token(session, role.value)
    paths = client.app.state.api.openapi()["paths"]
    calls = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert calls == set(API)
    for (method, path), (needs, body) in API.items():
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            # a role that may not is refused at a ticket that is there
            address = foreign(path) if role is None or allows(role, needs) else path.replace("{number}", "1001")
            answer = await client.request(method, f"/api/v1{foreign(address)}", json=body, headers=headers)
            if role is None:
                expected = {401}
            elif not allows(role, needs):
                expected = {403}
            else:
                expected = {404} if "{" in path else {200, 201, 409, 422}
            assert answer.status_code in expected, (method, path, role, answer.status_code, answer.text)
