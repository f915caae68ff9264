"""Companies are sorted by their language, and renamed ones have their tickets found anew.

Revision ID: 0019
Revises: 0018
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from core.rules.words import fold

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # compared sign by sign on both databases, whatever the cluster's language
    kind = sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql")
    op.add_column("companies", sa.Column("sort_key", kind, server_default="", nullable=False))
    op.add_column("companies", sa.Column("words_due", sa.Integer(), nullable=True))
    connection = op.get_bind()
    names = connection.execute(sa.text("SELECT id, name FROM companies")).all()
    if names:
        put = sa.text("UPDATE companies SET sort_key = :key WHERE id = :id")
        connection.execute(put, [{"id": company_id, "key": _sort_key(name)} for company_id, name in names])
    op.create_index("ix_companies_sort_key", "companies", ["sort_key", "ruc"])


def _sort_key(name: str) -> str:
    """As the desk itself makes it; what this schema's code does later must not change this migration."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name).casefold())
    return " ".join("n~".join(fold(part) for part in word.split("ñ")) for word in words)[:400]
