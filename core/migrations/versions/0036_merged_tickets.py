"""A ticket becomes part of another.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    # SQLite adds no foreign key to a table that is there, and to make this one anew would touch every ticket
    op.add_column("tickets", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("also_opened_by", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_tickets_merged_into_id"), "tickets", ["merged_into_id"])
