"""The ledger, technical hours and the reports of closings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "technical_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_technical_hours_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_hours")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_technical_hours_company_id_number")),
    )
    op.create_table(
        "ledger_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "account", sa.Enum("bag", "purchased", name="account", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "purchase",
                "closure",
                "reversal",
                "hour_issued",
                "hour_withdrawn",
                name="linekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=True),
        sa.Column("technical_hour_id", sa.Integer(), nullable=True),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closures.id"], name=op.f("fk_ledger_lines_closure_id_closures")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_ledger_lines_company_id_companies")),
        sa.ForeignKeyConstraint(
            ["technical_hour_id"],
            ["technical_hours.id"],
            name=op.f("fk_ledger_lines_technical_hour_id_technical_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_ledger_lines_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lines")),
        sa.UniqueConstraint("closure_id", "account", "kind", name=op.f("uq_ledger_lines_closure_id_account_kind")),
        sa.UniqueConstraint("technical_hour_id", name=op.f("uq_ledger_lines_technical_hour_id")),
    )
    with op.batch_alter_table("ledger_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_lines_company_id"), ["company_id"], unique=False)

    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("pdf_size", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closures.id"], name=op.f("fk_reports_closure_id_closures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("closure_id", name=op.f("uq_reports_closure_id")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_pdf_sha256"), ["pdf_sha256"], unique=False)

    op.create_table(
        "technical_hour_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technical_hour_id", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closures.id"], name=op.f("fk_technical_hour_parts_closure_id_closures")
        ),
        sa.ForeignKeyConstraint(
            ["technical_hour_id"],
            ["technical_hours.id"],
            name=op.f("fk_technical_hour_parts_technical_hour_id_technical_hours"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_hour_parts")),
        sa.UniqueConstraint(
            "technical_hour_id", "closure_id", name=op.f("uq_technical_hour_parts_technical_hour_id_closure_id")
        ),
    )
    with op.batch_alter_table("technical_hour_parts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_technical_hour_parts_closure_id"), ["closure_id"], unique=False)
