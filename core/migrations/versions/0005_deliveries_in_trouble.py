"""What did not arrive: found quickly, and which row brings its words instead."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TROUBLED = sa.text("state IN ('dead', 'uncertain', 'parked', 'held')")
CARRIED = sa.text("carried_by_id IS NOT NULL")
DEAD = sa.text("state = 'dead'")


def upgrade() -> None:
    # as plain SQL: SQLite takes the reference here, but Alembic would copy the whole table for it
    op.execute(
        "ALTER TABLE outbox ADD COLUMN carried_by_id INTEGER "
        "CONSTRAINT fk_outbox_carried_by_id_outbox REFERENCES outbox (id)"
    )
    op.add_column("outbox", sa.Column("named_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_outbox_troubled", "outbox", ["state", "id"], sqlite_where=TROUBLED, postgresql_where=TROUBLED)
    op.create_index(
        "ix_outbox_carried_by_id", "outbox", ["carried_by_id"], sqlite_where=CARRIED, postgresql_where=CARRIED
    )
    op.create_index("ix_inbox_dead", "inbox", ["received_at", "update_id"], sqlite_where=DEAD, postgresql_where=DEAD)
