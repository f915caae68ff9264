"""Hours are withdrawn and invoiced, purchases expire; what stands in the ledger cannot be changed any more.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

APPEND_ONLY = ("ledger_lines", "technical_hours", "technical_hour_parts", "invoicings")


def upgrade() -> None:
    with op.batch_alter_table("ledger_lines") as batch_op:
        batch_op.add_column(sa.Column("purchase_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_lines_purchase_id_ledger_lines"), "ledger_lines", ["purchase_id"], ["id"]
        )
        batch_op.drop_constraint(batch_op.f("uq_ledger_lines_technical_hour_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_ledger_lines_technical_hour_id_kind"), ["technical_hour_id", "kind"]
        )
    # others refer to closures: the table is not made anew, and this is what both databases can add to it
    op.execute(
        "ALTER TABLE closures ADD COLUMN replaces_id INTEGER "
        "CONSTRAINT fk_closures_replaces_id_closures REFERENCES closures (id)"
    )
    op.add_column("closures", sa.Column("is_overdraft", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_closures_replaces_id"), "closures", ["replaces_id"], unique=True)
    op.create_table(
        "invoicings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technical_hour_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("invoiced", "reverted", name="invoicingkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["technical_hour_id"],
            ["technical_hours.id"],
            name=op.f("fk_invoicings_technical_hour_id_technical_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name=op.f("fk_invoicings_technician_id_technicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoicings")),
    )
    op.create_index(op.f("ix_invoicings_technical_hour_id"), "invoicings", ["technical_hour_id"])
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: lines are only ever added'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%: lines are only ever added', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
