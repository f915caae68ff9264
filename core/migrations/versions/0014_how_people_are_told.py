"""How people are told: language, quiet hours, how much a push shows, muted tickets, the company's clock."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("telegram_language", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("detail", sa.String(length=32), server_default="full", nullable=False))
        batch_op.add_column(sa.Column("quiet_start", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quiet_end", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("knocked_id", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("companies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("timezone", sa.String(length=40), nullable=True))
    op.create_table(
        "muted_tickets",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_muted_tickets_person_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_muted_tickets_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("person_id", "ticket_id", name=op.f("pk_muted_tickets")),
    )
