"""A second factor for technicians, sessions that are recognised, tokens with a name.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("technicians", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("technicians", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("staff_sessions", sa.Column("agent", sa.String(length=200), server_default="", nullable=False))
    op.add_column("staff_sessions", sa.Column("is_complete", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("api_tokens", sa.Column("name", sa.String(length=64), server_default="", nullable=False))
    op.add_column("api_tokens", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_recovery_codes_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_technician_id"), "recovery_codes", ["technician_id"])
