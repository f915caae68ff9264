"""Who took back an answer, and when.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("articles", sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True))
    # in plain words both databases know, for SQLite would otherwise copy the whole table
    op.execute(
        "ALTER TABLE articles ADD COLUMN retracted_by_id INTEGER "
        "CONSTRAINT fk_articles_retracted_by_id_technicians REFERENCES technicians (id)"
    )
