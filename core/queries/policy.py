"""The desk's policy: the defaults, and what the desk decided otherwise."""

from sqlalchemy import select

from core.db import ReadSession
from core.models import PolicyValue, Product
from core.rules.closures import Closure, Policy
from core.rules.services import Service


async def closing_policy(session: ReadSession) -> Policy:
    rows = await session.scalars(select(PolicyValue))
    values = {row.name: row.value for row in rows}
    if "legal" in values:
        values["legal"] = {
            Service(service): frozenset(map(Closure, closures)) for service, closures in values["legal"].items()
        }
    return Policy(**values)


async def products(session: ReadSession, service: Service) -> list[str]:
    """The labels of a service's products, in the desk's order."""
    query = select(Product.label).where(Product.service == service).order_by(Product.id)
    return list((await session.scalars(query)).all())
