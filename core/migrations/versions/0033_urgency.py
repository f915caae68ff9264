"""Tickets know whose turn it is since when, and technicians keep views of the queue.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

# the customer waits since the first message nobody answered, the desk since its last answer
_TURNS = """
UPDATE tickets SET turn_at = COALESCE(
  CASE WHEN customer_spoke_last THEN (
    SELECT MIN(said.created_at) FROM articles AS said
    WHERE said.ticket_id = tickets.id AND said.kind = 'customer' AND NOT EXISTS (
      SELECT 1 FROM articles AS answer
      WHERE answer.ticket_id = tickets.id AND answer.kind IN ('reply', 'request')
        AND answer.position > said.position))
  ELSE (
    SELECT MAX(answer.created_at) FROM articles AS answer
    WHERE answer.ticket_id = tickets.id AND answer.kind IN ('reply', 'request'))
  END, created_at)
"""
_URGENCY = """
UPDATE tickets SET urgent_at = CASE
  WHEN state = 'new' THEN turn_at
  WHEN state = 'open' AND customer_spoke_last THEN turn_at
  WHEN state = 'pending' THEN COALESCE(remind_at, turn_at)
END
"""


def upgrade() -> None:
    op.add_column("tickets", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_TURNS)
    op.execute(_URGENCY)
    op.create_index("ix_tickets_urgent_at_number", "tickets", ["urgent_at", "number"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_saved_views_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("technician_id", "name", name=op.f("uq_saved_views_technician_id_name")),
    )
