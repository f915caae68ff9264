"""A statement is asked for in the chat: the drawer makes the file after the commit and sends it."""

from sqlalchemy import select

from core.clock import now
from core.db import WriteSession
from core.models import Company, Person, StatementOrder
from core.rules.periods import Period
from core.rules.statements import StatementForm
from core.wake import Topic


async def order(
    session: WriteSession, person: Person, company: Company, *, span: Period, form: StatementForm
) -> StatementOrder:
    """Ask for a month; a second tap while the first is being drawn asks for nothing more."""
    wanted = {"company_id": company.id, "person_id": person.id, "month": f"{span.first:%Y-%m}", "form": form}
    waiting = await session.scalar(select(StatementOrder).filter_by(**wanted, done_at=None).limit(1))
    if waiting is not None:
        return waiting
    made = StatementOrder(**wanted, ordered_at=now())
    session.add(made)
    await session.flush()
    session.wake(Topic.STATEMENTS)
    return made
