"""The desk's name, addresses and logo.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "desk_logos",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_desk_logos")),
    )
    for name, length in (("name", 60), ("email", 200), ("phone", 60), ("url", 200), ("address", 200)):
        op.add_column("desk", sa.Column(name, sa.String(length=length), nullable=True))
    op.add_column("desk", sa.Column("logo_sha256", sa.String(length=64), nullable=True))
