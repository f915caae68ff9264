"""Lists of companies, and how far they are registered.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "company_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("done_until", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_company_imports_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_imports")),
        sa.UniqueConstraint("submission", name=op.f("uq_company_imports_submission")),
    )
    op.create_index("ix_company_imports_state", "company_imports", ["state"])
    op.create_table(
        "company_import_lines",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ruc", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("emails", sa.JSON(), nullable=False),
        sa.Column("phones", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("needs_a_look", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["company_imports.id"], name=op.f("fk_company_import_lines_import_id_company_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_company_import_lines")),
    )
