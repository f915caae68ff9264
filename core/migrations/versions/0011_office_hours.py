"""When the desk is open: its hours, and what it decided about single dates.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    hours = op.create_table(
        "office_hours",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("weekday", "opens", name=op.f("pk_office_hours")),
    )
    op.create_table(
        "holiday_changes",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday_changes")),
    )
    # Monday to Friday from 08:00 to 17:00, until the desk says otherwise
    op.bulk_insert(hours, [{"weekday": weekday, "opens": 480, "closes": 1020} for weekday in range(5)])
