"""The operator's ``migrate`` dies after each migration in turn, and the next one goes through."""

import tempfile
import time
from pathlib import Path

from alembic.script import ScriptDirectory

from core import migrations
from core.db import Database
from tests import databases
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan
from tests.faults.processes import StartError, core


async def interrupted(plan: Plan) -> Verdict:
    """Round n dies after the n-th migration; rounds beyond the last one are not played."""
    started = time.monotonic()
    count = len(list(ScriptDirectory.from_config(migrations._config()).walk_revisions()))
    verdict = Verdict("migrate killed", 0, plan.seed)
    for number in range(plan.first + 1, min(plan.first + plan.rounds, count) + 1):
        with tempfile.TemporaryDirectory(prefix="ventanilla-fault-") as folder:
            url = await databases.blank_url(plan.backend, Path(folder))
            trouble = await _round(url, folder, number)
            await databases.drop(url)
        verdict.says[Kind.LOST] += [trouble] if trouble else []
        verdict.rounds += 1
        plan.say(f"killed after migration {number} of {count}{': ' + trouble if trouble else ''}")
    verdict.seconds = time.monotonic() - started
    return verdict


async def _round(url: str, folder: str, number: int) -> str:
    environment = {"DATABASE_URL": url, "DATA_DIR": folder}
    try:
        await core(["migrate"], environment | {"FAILPOINT": f"migrate.mid:{number}=kill"})
        return f"migrate did not come to the migration {number}"
    except StartError:
        pass
    try:
        await core(["migrate"], environment)
    except StartError as error:
        return f"after migrate died at {number}: {error}"
    database = Database(url)
    try:
        return (
            "" if await migrations.is_current(database) else f"after a death at {number} the tables are not current"
        )
    finally:
        await database.close()
