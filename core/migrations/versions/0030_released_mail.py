"""When a person let a delivery go: mail older than a day waits for that.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
