"""Minutes a closing charges though they were worked before a reopening.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("closures", sa.Column("carried_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False))
