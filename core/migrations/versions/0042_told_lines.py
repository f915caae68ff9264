"""Which movements were told: the clock asks for the others, and a restored desk repeats none.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_table(
        "told_lines",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["ledger_lines.id"], name=op.f("fk_told_lines_line_id_ledger_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_told_lines")),
    )
