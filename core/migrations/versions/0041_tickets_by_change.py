"""All tickets, and those that are closed, are listed in the order of an index.

Revision ID: 0041
Revises: 0040
"""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_index("ix_tickets_updated_at_number", "tickets", ["updated_at", "number"])
