"""Where customers' words come from: messages, albums, versions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _albums()
    _customer_messages()
    op.create_table(
        "article_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        sa.UniqueConstraint("article_id", "revision", name=op.f("uq_article_versions_article_id_revision")),
    )
    op.add_column("articles", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("last_message", sa.BigInteger(), nullable=True))
    op.add_column("attachments", sa.Column("telegram_unique_id", sa.String(length=64), nullable=True))
    # in plain words both databases know, for SQLite would otherwise copy the whole table
    op.execute(
        "ALTER TABLE attachments ADD COLUMN album_id INTEGER "
        "CONSTRAINT fk_attachments_album_id_albums REFERENCES albums (id)"
    )
    op.create_index(op.f("ix_attachments_album_id"), "attachments", ["album_id"], unique=False)
    _take_over()


def _albums() -> None:
    op.create_table(
        "albums",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("media_group", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("source_message", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_albums_article_id_articles")),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_albums_draft_id_drafts")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_albums_person_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_albums_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_albums")),
    )
    with op.batch_alter_table("albums", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_albums_article_id"), ["article_id"], unique=False)
        batch_op.create_index("ix_albums_chat_id_media_group", ["chat_id", "media_group"], unique=False)
        batch_op.create_index(batch_op.f("ix_albums_draft_id"), ["draft_id"], unique=False)
        batch_op.create_index("ix_albums_due_at", ["due_at"], unique=False)
        batch_op.create_index(
            "uq_albums_open",
            ["chat_id", "media_group"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )


def _customer_messages() -> None:
    op.create_table(
        "customer_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("album_id", sa.Integer(), nullable=True),
        sa.Column(
            "field",
            sa.Enum("service", "product", "subject", "text", "files", name="field", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("preface", sa.Text(), nullable=False),
        sa.Column("continues", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["album_id"], ["albums.id"], name=op.f("fk_customer_messages_album_id_albums")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_customer_messages_article_id_articles")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_customer_messages_draft_id_drafts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_messages")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_customer_messages_chat_id_message_id")),
    )
    with op.batch_alter_table("customer_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_messages_album_id"), ["album_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_messages_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_messages_draft_id"), ["draft_id"], unique=False)


def _take_over() -> None:
    """Articles and open drafts of before know their first message: what joins or corrects them finds its place."""
    op.execute(
        sa.text(
            "INSERT INTO customer_messages "
            "(chat_id, message_id, article_id, field, text, preface, continues, said_at, revision) "
            "SELECT source_chat, source_message, id, 'text', text, '', false, created_at, 0 FROM articles "
            "WHERE source_chat IS NOT NULL AND source_message IS NOT NULL"
        )
    )
    op.execute(
        sa.text(
            "INSERT INTO customer_messages "
            "(chat_id, message_id, draft_id, field, text, preface, continues, said_at, revision) "
            "SELECT chat_id, source_message, id, 'text', text, '', false, created_at, 0 FROM drafts "
            "WHERE state IN ('writing', 'loose') AND source_message IS NOT NULL AND text <> '' "
            "AND NOT EXISTS (SELECT 1 FROM customer_messages seen "
            "WHERE seen.chat_id = drafts.chat_id AND seen.message_id = drafts.source_message)"
        )
    )
    op.execute(
        sa.text(
            "INSERT INTO albums "
            "(chat_id, media_group, person_id, ticket_id, article_id, source_message, refused, first_at, closed_at) "
            "SELECT source_chat, media_group, person_id, ticket_id, id, source_message, '', created_at, created_at "
            "FROM articles WHERE media_group IS NOT NULL AND source_chat IS NOT NULL AND person_id IS NOT NULL"
        )
    )
