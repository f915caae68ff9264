"""Tickets are found by their words, the same on both databases.

Revision ID: 0018
Revises: 0017
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.rules.words import company_token, number_token, of_note, person_token, tokens

revision = "0018"
down_revision = "0017"

BATCH = 500  # tickets whose texts are in memory at once
WORDS_LIMIT = 500_000


def upgrade() -> None:
    op.create_table(
        "ticket_words",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["tickets.number"], name=op.f("fk_ticket_words_number_tickets")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket_words")),
    )
    op.create_table(
        "searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_searches_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index("ix_searches_at", "searches", ["at"])
    op.create_index(op.f("ix_searches_person_id"), "searches", ["person_id"])
    op.execute("UPDATE conversations SET step = 'search' WHERE step = 'number'")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
    _fill(connection)
    if connection.dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)


# The table holds the words, the index only where they stand. The tokens are ours to the last sign: the tokenizer
# parts them at spaces, and neither folds nor knows any letter that Python does not.
_SQLITE = (
    "CREATE VIRTUAL TABLE ticket_words_fts USING fts5(words, content='ticket_words', content_rowid='number', "
    "detail=none, columnsize=0, prefix='2 3', tokenize=\"ascii tokenchars '_'\")",
    "CREATE TRIGGER ticket_words_fts_insert AFTER INSERT ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER ticket_words_fts_delete AFTER DELETE ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.number, old.words); END",
    "CREATE TRIGGER ticket_words_fts_update AFTER UPDATE ON ticket_words BEGIN "
    "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.number, old.words); "
    "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.number, new.words); END",
)
_POSTGRESQL = (
    "ALTER TABLE ticket_words ADD COLUMN words_fts tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX ix_ticket_words_fts ON ticket_words USING gin (words_fts)",
)

_PARTS = sa.text(
    "SELECT tickets.number, tickets.company_id, tickets.opened_by_id, tickets.subject, tickets.product, "
    "companies.name AS company_name, companies.ruc, articles.id AS article_id, articles.kind, articles.text, "
    "attachments.name AS file_name FROM tickets JOIN companies ON companies.id = tickets.company_id "
    "LEFT JOIN articles ON articles.ticket_id = tickets.id "
    "LEFT JOIN attachments ON attachments.article_id = articles.id "
    "WHERE tickets.number > :after AND tickets.number <= :last ORDER BY tickets.number, articles.position DESC"
)
_LAST = sa.text(
    "SELECT max(number) FROM (SELECT number FROM tickets WHERE number > :after ORDER BY number LIMIT :batch) AS batch"
)
_PUT = sa.text("INSERT INTO ticket_words (number, words) VALUES (:number, :words)")


def _fill(connection: sa.Connection) -> None:
    after = -1
    while (last := connection.scalar(_LAST, {"after": after, "batch": BATCH})) is not None:
        parts = connection.execute(_PARTS, {"after": after, "last": last})
        rows = [
            {"number": number, "words": _words(list(of_ticket))}
            for number, of_ticket in groupby(parts, key=lambda part: part.number)
        ]
        connection.execute(_PUT, rows)
        after = last


def _words(parts: list[sa.Row[Any]]) -> str:
    """As the desk itself makes them; what this schema's code does later must not change this migration."""
    ticket = parts[0]
    found = dict.fromkeys([number_token(ticket.number), company_token(ticket.company_id)])
    if ticket.opened_by_id is not None:
        found[person_token(ticket.opened_by_id)] = None
    found |= dict.fromkeys(tokens(f"{ticket.subject} {ticket.product}"))
    found |= dict.fromkeys(map(of_note, tokens(f"{ticket.company_name} {ticket.ruc}")))
    seen = None
    for part in parts:
        said = part.text if part.article_id != seen else ""
        seen = part.article_id
        of_part = tokens(f"{said or ''} {part.file_name or ''}")
        found |= dict.fromkeys(map(of_note, of_part) if part.kind == "note" else of_part)
    return _within_limit(found)


def _within_limit(found: Iterable[str]) -> str:
    words, size = [], 0
    for token in found:
        if size < WORDS_LIMIT:
            words.append(token)
            size += len(token.encode()) + 1
    return " ".join(words)
