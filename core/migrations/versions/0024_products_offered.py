"""A product may be offered no longer; what was written under it stays.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("products", sa.Column("is_enabled", sa.Boolean(), server_default=sa.true(), nullable=False))
