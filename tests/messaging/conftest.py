"""A sender on its line to the simulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import time_machine

from core.clock import now
from core.db import Database
from tests.messaging.wire import Wire


@pytest.fixture
async def wire(database: Database, tmp_path: Path) -> AsyncIterator[Wire]:
    with time_machine.travel(now(), tick=True) as clock:
        wire = Wire(database, tmp_path, clock)
        await wire.open()
        yield wire
        await wire.close()
