"""What every test may ask for."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.db import Database
from tests import databases
from tests.browser.conftest import one_browser
from tests.compiled import share_compiled_statements
from tests.hashing import hash_cheaply

__all__ = ["one_browser"]  # a fixture for all

share_compiled_statements()
hash_cheaply()


def pytest_collection_finish() -> None:
    """As in the desk (docs/decisions/0017): what is imported stays, and full collections of garbage are seldom."""
    gc.freeze()
    gc.set_threshold(700, 10, 100)


def pytest_sessionfinish() -> None:
    """Here, since a worker may be ended before it comes to what is left for its exit."""
    databases.template_folder().cleanup()


@pytest.fixture
def _function_scoped_runner(request, _function_scoped_runner: asyncio.Runner) -> asyncio.Runner:
    """A test with a browser runs in the loop the browser was started in, any other in one of its own."""
    is_with_browser = "one_browser" in request.fixturenames
    return request.getfixturevalue("_session_scoped_runner") if is_with_browser else _function_scoped_runner


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
