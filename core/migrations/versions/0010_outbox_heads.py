"""The heads of all chats are found in one index, however long the queue is.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OPEN = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.drop_index("ix_outbox_open", table_name="outbox", sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "lane", "id", "method", "state"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
