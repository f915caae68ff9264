"""Statements of a month can be asked for in the chat.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "statement_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_statement_orders_company_id_companies")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_statement_orders_person_id_people")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_statement_orders_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_orders")),
    )
    op.create_index(op.f("ix_statement_orders_company_id"), "statement_orders", ["company_id"])
    op.create_index(op.f("ix_statement_orders_person_id"), "statement_orders", ["person_id"])
    waiting = sa.text("done_at IS NULL")
    op.create_index(
        "ix_statement_orders_waiting",
        "statement_orders",
        ["id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
