"""What every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.db import Database
from tests import databases
from tests.compiled import share_compiled_statements

share_compiled_statements()


@pytest.fixture(params=databases.BACKENDS)
def backend(request) -> str:
    """Every test that touches the database runs on both."""
    return request.param


@pytest.fixture
async def database_url(backend: str, tmp_path: Path) -> AsyncIterator[str]:
    url = await databases.fresh_url(backend, tmp_path)
    yield url
    await databases.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()
