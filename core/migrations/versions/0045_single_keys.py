"""Who does not want single keys turns them off in Mi cuenta.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("technicians", sa.Column("single_keys", sa.Boolean(), server_default=sa.true(), nullable=False))
