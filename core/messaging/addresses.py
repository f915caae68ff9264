"""Where a company is written to by e-mail."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db import ReadSession
from core.models import CompanyEmail


async def of_company(session: ReadSession, company_id: int) -> Sequence[str]:
    """The addresses on its record, the oldest first."""
    query = select(CompanyEmail.address).where(CompanyEmail.company_id == company_id)
    return (await session.scalars(query.order_by(CompanyEmail.id))).all()
