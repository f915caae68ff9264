"""The desk's policy: the defaults, and what the desk decided otherwise."""

from sqlalchemy import select

from core.db import ReadSession
from core.models import PolicyValue, Product
from core.rules.closures import Closure, Policy
from core.rules.policy import CHOICES, DeskPolicy, choice_name
from core.rules.purchases import LOW_BALANCE_MINUTES
from core.rules.reopening import GRACE_DAYS
from core.rules.services import Service

_OF_CLOSING = ("minimum_minutes", "calls_needed", "legal")


async def desk_policy(session: ReadSession) -> DeskPolicy:
    values = {row.name: row.value for row in await session.scalars(select(PolicyValue))}
    if "legal" in values:
        values["legal"] = {
            Service(service): frozenset(map(Closure, closures)) for service, closures in values["legal"].items()
        }
    return DeskPolicy(
        closing=Policy(**{name: values[name] for name in _OF_CLOSING if name in values}),
        grace_days=values.get("grace_days", GRACE_DAYS),
        low_balance_minutes=values.get("low_balance_minutes", LOW_BALANCE_MINUTES),
        files_mandatory=values.get("files_mandatory", False),
    )


async def closing_policy(session: ReadSession) -> Policy:
    return (await desk_policy(session)).closing


def written(policy: DeskPolicy) -> dict[str, str]:
    """Each setting as its form has it; ``on`` is a tick, empty none."""
    closing = policy.closing
    ticks = {choice_name(choice): "on" if closing.permits(*choice) else "" for choice in CHOICES}
    return {
        "minimum_minutes": str(closing.minimum_minutes),
        "calls_needed": str(closing.calls_needed),
        "grace_days": str(policy.grace_days),
        "low_balance_minutes": str(policy.low_balance_minutes),
        "files_mandatory": "on" if policy.files_mandatory else "",
        **ticks,
    }


async def products(session: ReadSession, service: Service) -> list[str]:
    """The labels of a service's products, in the desk's order."""
    query = select(Product.label).where(Product.service == service).order_by(Product.id)
    return list((await session.scalars(query)).all())
