"""The desk's policy: the defaults, and what the desk decided otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from core.db import ReadSession
from core.models import PolicyValue, Product
from core.queries.together import Question, ask
from core.rules.closures import Closure, Policy
from core.rules.policy import CHOICES, DeskPolicy, choice_name
from core.rules.purchases import LOW_BALANCE_MINUTES
from core.rules.reopening import GRACE_DAYS
from core.rules.services import Service

_OF_CLOSING = ("minimum_minutes", "calls_needed", "legal")


class Decided(NamedTuple):
    name: str
    value: Any


class Offered(NamedTuple):
    """A product, offered or not any more."""

    id: int
    service: Service
    label: str
    is_enabled: bool


DECIDED = Question(Decided, select(PolicyValue.name, PolicyValue.value), is_kept=True)
PRODUCTS = Question(
    Offered,
    select(Product.id, Product.service, Product.label, Product.is_enabled).order_by(Product.service, Product.id),
    is_kept=True,
)


async def desk_policy(session: ReadSession) -> DeskPolicy:
    return of_decided(await DECIDED.ask(session))


def of_decided(decided: Sequence[Decided]) -> DeskPolicy:
    values = dict(decided)
    if "legal" in values:
        values["legal"] = {
            Service(service): frozenset(map(Closure, closures)) for service, closures in values["legal"].items()
        }
    return DeskPolicy(
        closing=Policy(**{name: values[name] for name in _OF_CLOSING if name in values}),
        grace_days=values.get("grace_days", GRACE_DAYS),
        low_balance_minutes=values.get("low_balance_minutes", LOW_BALANCE_MINUTES),
        files_mandatory=values.get("files_mandatory", False),
        services=tuple(Service(name) for name in values["services"]) if "services" in values else tuple(Service),
    )


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


async def offered(session: ReadSession, service: Service) -> Sequence[Offered]:
    """The products a new ticket of the service may be about, in the desk's order; none of a service not offered."""
    answers = await ask(session, [DECIDED, PRODUCTS])
    return on_offer(answers[PRODUCTS], of_decided(answers[DECIDED]))[service]


def on_offer(products: Sequence[Offered], policy: DeskPolicy) -> Mapping[Service, Sequence[Offered]]:
    """What ``offered`` says of each service."""
    return {
        service: [
            product
            for product in products
            if product.is_enabled and product.service is service and service in policy.services
        ]
        for service in Service
    }


async def products(session: ReadSession, service: Service) -> list[str]:
    """The labels of what is offered."""
    return [product.label for product in await offered(session, service)]


async def all_products(session: ReadSession) -> Sequence[Product]:
    """Those no longer offered, too."""
    return (await session.scalars(_ALL_PRODUCTS)).all()


_ALL_PRODUCTS = select(Product).order_by(Product.service, Product.id)


async def written_offer(session: ReadSession) -> dict[str, str]:
    """Services and products as their form has them; ``on`` is a tick, empty none."""
    services = (await desk_policy(session)).services
    written = {f"service-{service}": "on" if service in services else "" for service in Service}
    for product in await all_products(session):
        written[f"product-{product.id}"] = product.label
        written[f"product-{product.id}-on"] = "on" if product.is_enabled else ""
    return written
