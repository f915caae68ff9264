"""A desk whose only question is what a company owes: on both databases."""

import pytest

from core.db import Database
from core.i18n import Translators
from core.render.office import Office
from tests.admin.desk import Desk
from tests.money.accounts import Accounts


@pytest.fixture
async def desk(database: Database) -> Desk:
    translators = Translators(default="es", timezone="America/Guayaquil")
    return Desk(database, Office(name="SACI Soporte", translators=translators))


@pytest.fixture
async def ada(desk: Desk) -> Accounts:
    """The accounts of Ada's company, with Tom who closes her tickets and Sofía who may authorise."""
    return await Accounts.opened(desk)
