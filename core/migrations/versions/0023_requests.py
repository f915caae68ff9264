"""What a request asks for, and which one of a ticket is open.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    asks = sa.String(length=32)
    op.add_column("articles", sa.Column("asks", asks, nullable=True))
    op.add_column("tickets", sa.Column("request_id", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("request_asks", asks, nullable=True))
    op.add_column("tickets", sa.Column("request_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "tickets", sa.Column("request_reminders", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(op.f("ix_tickets_request_due_at"), "tickets", ["request_due_at"])
    op.execute("UPDATE articles SET asks = 'other' WHERE kind = 'request'")
    # requests of before that nobody has answered stay open; nobody is reminded of them
    op.execute(
        "UPDATE tickets SET request_id = (SELECT max(id) FROM articles"
        " WHERE articles.ticket_id = tickets.id AND kind = 'request')"
        " WHERE state = 'open' AND NOT customer_spoke_last"
    )
    op.execute("UPDATE tickets SET request_asks = 'other' WHERE request_id IS NOT NULL")
