"""What follows a closing: ratings, courtesy, tickets that go on with an earlier one, and asking for the closing."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closures.id"], name=op.f("fk_ratings_closure_id_closures")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ratings_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("closure_id", name=op.f("uq_ratings_closure_id")),
    )
    op.create_index("ix_ratings_stars_at", "ratings", ["stars", "at"], unique=False)
    op.add_column("articles", sa.Column("is_courtesy", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tickets", sa.Column("close_asked_at", sa.DateTime(timezone=True), nullable=True))
    # in plain words both databases know, for SQLite would otherwise copy the whole table
    for table in ("tickets", "drafts"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN continues_id INTEGER "
            f"CONSTRAINT fk_{table}_continues_id_tickets REFERENCES tickets (id)"
        )
    op.create_index(op.f("ix_tickets_continues_id"), "tickets", ["continues_id"], unique=False)
