"""Technicians' own chats with the bot.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

IN_USE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "staff_chats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_staff_chats_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_chats")),
    )
    op.create_index(op.f("ix_staff_chats_chat_id"), "staff_chats", ["chat_id"], unique=False)
    op.create_index(
        "uq_staff_chats_in_use",
        "staff_chats",
        ["technician_id"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )
    op.create_table(
        "staff_chat_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_staff_chat_links_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_chat_links")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_staff_chat_links_token_sha256")),
    )
    op.create_index(op.f("ix_staff_chat_links_technician_id"), "staff_chat_links", ["technician_id"], unique=False)
