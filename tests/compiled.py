"""One store of compiled statements for all databases of a test process: each test opens new ones."""

from typing import Any

from sqlalchemy import Connection, Engine, event

_shared: dict[tuple[str, str], tuple[Any, Any]] = {}


def share_compiled_statements() -> None:
    """SQLAlchemy keeps them by engine and dialect; compiling anew was a third of the suite's processor time."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    engine = connection.engine
    kind = (engine.dialect.name, engine.dialect.driver)
    dialect, statements = _shared.setdefault(kind, (engine.dialect, engine._compiled_cache))
    engine.dialect = connection.dialect = dialect
    engine._compiled_cache = statements
