"""The open tickets of a company are found without looking at its closed ones.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

_UNDER_WAY = sa.text("state IN ('new', 'open', 'pending')")


def upgrade() -> None:
    op.create_index(
        "ix_tickets_under_way", "tickets", ["company_id"], sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY
    )
