"""Alembic's entry: runs on the connection it is given, inside that connection's transaction."""

from typing import Any, Literal

from alembic import context

from core.db import Base, Moment
from core.failpoints import failpoint
from core.models import Ticket

assert Ticket.metadata is Base.metadata  # importing the tables is what fills the metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name the database's own types: the code's may change under them."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    transactional_ddl=False,  # the caller's transaction holds everything
    on_version_apply=lambda **_: failpoint("migrate.mid"),
)
context.run_migrations()
