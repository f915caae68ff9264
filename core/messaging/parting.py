"""Nobody leaves a company between being chosen as a reader and the writing of what they are to read.

On PostgreSQL two transactions could pass each other: one has read that Ada is bound, the other ends that and cancels
what waits for her chat, and then the first one's push is there. SQLite has one writer anyway.
"""

from collections.abc import Collection

from sqlalchemy import text

from core.db import ReadSession

_NAMESPACE = 0x50415254  # "PART", the first key of PostgreSQL's advisory locks

_STAY = text("SELECT pg_advisory_xact_lock_shared(:space, :company_id)")
_STAY_FOR_TICKETS = text(
    "SELECT pg_advisory_xact_lock_shared(:space, company_id) FROM (SELECT DISTINCT company_id FROM tickets"
    " WHERE id = ANY(:ticket_ids) ORDER BY company_id) AS companies"
)
_PART = text("SELECT pg_advisory_xact_lock(:space, :company_id)")


async def stay(session: ReadSession, company_id: int) -> None:
    """Before the readers of a company are read: who leaves it waits for the end of this transaction."""
    if _is_postgresql(session):
        await session.execute(_STAY, {"space": _NAMESPACE, "company_id": company_id})


async def stay_for(session: ReadSession, ticket_ids: Collection[int]) -> None:
    """The same for the companies of tickets."""
    if _is_postgresql(session):
        await session.execute(_STAY_FOR_TICKETS, {"space": _NAMESPACE, "ticket_ids": list(ticket_ids)})


async def part(session: ReadSession, company_id: int) -> None:
    """Before somebody leaves and what waits for them is cancelled: everything written to them is there by then.

    Called before their binding is touched: who writes to them may want its row.
    """
    if _is_postgresql(session):
        await session.execute(_PART, {"space": _NAMESPACE, "company_id": company_id})


def _is_postgresql(session: ReadSession) -> bool:
    return session.dialect == "postgresql"
