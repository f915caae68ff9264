"""The people of the stories: Ada the customer, Tom her technician, Eve who must see nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.db import Database
from tests.desk import Customer, LiveDesk, Staff

ANDINA = "0992345678001"
ANDINA_PASSWORD = "cuaderno azul"
ADA_PHONE = "+593991234567"
TORNILLO = "1790012345001"


@pytest.fixture
async def live(database: Database, tmp_path: Path) -> AsyncIterator[LiveDesk]:
    live = LiveDesk(database, tmp_path)
    await live.start()
    await live.company(ANDINA, "Comercial Andina", password=ANDINA_PASSWORD, phones=(ADA_PHONE,))
    await live.company(TORNILLO, "Ferretería El Tornillo", phones=("+593987654321",))
    yield live
    await live.stop()


@pytest.fixture
async def ada(live: LiveDesk) -> Customer:
    """A verified customer of Comercial Andina."""
    ada = await live.customer("Ada", ADA_PHONE)
    await ada.logs_in(ANDINA, ANDINA_PASSWORD)
    return ada


@pytest.fixture
async def eve(live: LiveDesk) -> Customer:
    """Identified with another company by its public RUC, and curious."""
    eve = await live.customer("Eve", "+593960000000")
    await eve.logs_in(TORNILLO, TORNILLO)
    await eve.taps("Continuar sin verificar")
    return eve


@pytest.fixture
async def tom(live: LiveDesk) -> AsyncIterator[Staff]:
    async with live.employee("tom", "Tomás Ruiz") as tom:
        yield tom
