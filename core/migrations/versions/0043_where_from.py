"""Where a log-in to the panel came from, so that guessing elsewhere holds up nobody who was here before.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("staff_sessions", sa.Column("address", sa.String(64), server_default="", nullable=False))
