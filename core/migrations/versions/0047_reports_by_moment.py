"""Reports read what happened in their range by the index of its moments, and a first answer by that of answers.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

BY_TECHNICIANS = sa.text("technician_id IS NOT NULL AND retracted_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index("ix_closures_at", "closures", ["at"])
    op.create_index("ix_time_entries_at", "time_entries", ["at"])
    op.create_index(
        "ix_articles_by_technicians",
        "articles",
        ["ticket_id", "created_at", "kind"],
        sqlite_where=BY_TECHNICIANS,
        postgresql_where=BY_TECHNICIANS,
    )
