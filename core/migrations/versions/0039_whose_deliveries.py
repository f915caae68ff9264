"""Whose a delivery is that is about no ticket: a log-out finds it, too.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

OUTBOX = sa.table("outbox", sa.column("id", sa.Integer()), sa.column("company_id", sa.Integer()))
ANNOUNCEMENTS = sa.table("announcements", sa.column("company_id", sa.Integer()), sa.column("told", sa.JSON()))


def upgrade() -> None:
    # in plain words both databases know, for SQLite would otherwise copy the whole table
    op.execute(
        "ALTER TABLE outbox ADD COLUMN company_id INTEGER "
        "CONSTRAINT fk_outbox_company_id_companies REFERENCES companies (id)"
    )
    # statements and questions about a phone were found by these lists before
    op.execute(
        "UPDATE outbox SET company_id = statement_orders.company_id FROM statement_orders "
        "WHERE statement_orders.outbox_id = outbox.id"
    )
    connection = op.get_bind()
    for company_id, told in connection.execute(sa.select(ANNOUNCEMENTS.c.company_id, ANNOUNCEMENTS.c.told)).all():
        rows = [row_id for row_id in told if isinstance(row_id, int)]
        connection.execute(sa.update(OUTBOX).where(OUTBOX.c.id.in_(rows)).values(company_id=company_id))
