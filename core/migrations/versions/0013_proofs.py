"""How people prove who they are: invitations, codes, announcements; bindings that are frozen.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.add_column("bindings", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bindings", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
    # in plain words both databases know, for SQLite would otherwise copy the whole table
    op.execute(
        "ALTER TABLE audit ADD COLUMN person_id INTEGER CONSTRAINT fk_audit_person_id_people REFERENCES people (id)"
    )
    _invitations()
    _codes()
    _announcements()


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_invitations_company_id_companies")),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_invitations_technician_id_technicians")
        ),
        sa.ForeignKeyConstraint(["used_by_id"], ["people.id"], name=op.f("fk_invitations_used_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitations_token_sha256")),
    )
    op.create_index(op.f("ix_invitations_company_id"), "invitations", ["company_id"], unique=False)


def _codes() -> None:
    op.create_table(
        "proof_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("binding_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=32), nullable=True),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["binding_id"], ["bindings.id"], name=op.f("fk_proof_codes_binding_id_bindings")),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox.id"], name=op.f("fk_proof_codes_mail_id_outbox")),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_proof_codes_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_codes")),
    )
    op.create_index(op.f("ix_proof_codes_binding_id"), "proof_codes", ["binding_id"], unique=False)
    op.create_index(op.f("ix_proof_codes_expires_at"), "proof_codes", ["expires_at"], unique=False)
    op.create_index(
        "uq_proof_codes_open",
        "proof_codes",
        ["binding_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("binding_id", sa.Integer(), nullable=False),
        sa.Column("news", sa.String(length=32), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("is_denied", sa.Boolean(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["binding_id"], ["bindings.id"], name=op.f("fk_announcements_binding_id_bindings")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_announcements_company_id_companies")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["people.id"], name=op.f("fk_announcements_settled_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_company_id"), "announcements", ["company_id"], unique=False)
    op.create_index(op.f("ix_announcements_binding_id"), "announcements", ["binding_id"], unique=False)
