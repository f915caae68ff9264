"""The API as a program calls it, mounted where the panel mounts it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount

from admin.api.app import create_api
from core.actions import companies, staff
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.models import Binding, Company, Person
from core.render.office import Office
from core.rules.identity import Level, Proof
from core.rules.notices import Follows
from core.rules.permissions import Role

RUC = "0992345678001"


@pytest.fixture
def office() -> Office:
    return Office(name="SACI Soporte", translators=Translators(default="es", timezone="America/Guayaquil"))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
async def api(database: Database, office: Office, store: FileStore) -> AsyncIterator[httpx.AsyncClient]:
    """A client nobody knows; companies and technicians are there."""
    async with database.write() as session:
        await companies.register(session, None, ruc=RUC, name="Comercial Andina", purchased_minutes=100)
        await companies.register(session, None, ruc="1790012345001", name="Ferretería El Tornillo")
    app = Starlette(routes=[Mount("/api/v1", create_api(database=database, office=office, store=store))])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://panel.test/api/v1") as client:
        yield client


@pytest.fixture
def token_of(database: Database) -> Callable[..., Awaitable[str]]:
    """Employ somebody and make a token."""

    async def make(username: str, role: Role = Role.TECHNICIAN) -> str:
        async with database.write() as session:
            await staff.add_technician(session, username=username, name=username.title(), role=role)
            return await staff.api_token(session, username)

    return make


@pytest.fixture
async def tom(api: httpx.AsyncClient, token_of) -> httpx.AsyncClient:
    """The client with the token of a technician."""
    api.headers["Authorization"] = f"Bearer {await token_of('tom')}"
    return api


@pytest.fixture
async def ada(api: httpx.AsyncClient, database: Database) -> Person:
    """A customer who follows everything of her company in the chat."""
    moment = now()
    async with database.write() as session:
        company = await session.scalar(select(Company).where(Company.ruc == RUC))
        assert company is not None
        person = Person(telegram_id=501, first_name="Ada", created_at=moment, active_company_id=company.id)
        session.add(person)
        await session.flush()
        session.add(
            Binding(
                person_id=person.id,
                company_id=company.id,
                level=Level.VERIFIED,
                proof=Proof.PASSWORD,
                follows=Follows.COMPANY,
                since=moment,
                verified_at=moment,
            )
        )
    return person


@pytest.fixture
async def number(tom: httpx.AsyncClient) -> int:
    return await opened(tom)


async def opened(client: httpx.AsyncClient, subject: str = "No imprime", ruc: str = RUC) -> int:
    body = {"ruc": ruc, "service": "support", "product": "SaciJava", "subject": subject, "text": "Llamó Ada."}
    answer = await client.post("/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["number"])
