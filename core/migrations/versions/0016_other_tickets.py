"""A draft remembers that it is not the same as the ticket it is like.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("drafts", sa.Column("is_another", sa.Boolean(), server_default=sa.false(), nullable=False))
