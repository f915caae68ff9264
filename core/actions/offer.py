"""The desk decides what it offers: services, and the products of each."""

from collections.abc import Iterable

from core.actions import desk_settings
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import PolicyValue, Product, Technician
from core.queries import policy
from core.rules.services import LABEL_LIMIT, Service


async def set_offer(session: WriteSession, actor: Technician, wanted: Fields, *, seen: Fields) -> None:
    """All of ``policy.written_offer`` at once, and ``new-<service>`` for one more. Nothing is deleted: tickets
    keep the name they were opened with. Raises InvalidError, StaleError, ForbiddenError."""
    await desk_settings.begin(session, actor)
    before = await policy.written_offer(session)
    desk_settings.refuse_stale(seen, before)
    services = [service for service in Service if wanted.get(f"service-{service}")]
    if not services:
        raise InvalidError(N_("At least one service must be offered."), field=f"service-{Service.SUPPORT}")
    products = await policy.all_products(session)
    for product in products:
        product.label = _label(wanted.get(f"product-{product.id}", ""), f"product-{product.id}")
        product.is_enabled = bool(wanted.get(f"product-{product.id}-on"))
    for service in Service:
        of_service = [product for product in products if product.service is service]
        of_service += _added(wanted.get(f"new-{service}", ""), service)
        _check(of_service, service, is_offered=service in services)
        session.add_all(of_service)
    await session.merge(PolicyValue(name="services", value=services))
    await session.flush()
    desk_settings.note(session, actor, "offer", before=before, after=await policy.written_offer(session))


def _added(text: str, service: Service) -> Iterable[Product]:
    if not text.strip():
        return []
    return [Product(service=service, label=_label(text, f"new-{service}"), is_enabled=True)]


def _label(text: str, field: str) -> str:
    label = " ".join(text.split())
    if not 0 < len(label) <= LABEL_LIMIT:
        raise InvalidError(N_("Write a name of at most %(n)s characters."), field=field, n=LABEL_LIMIT)
    return label


def _check(products: list[Product], service: Service, *, is_offered: bool) -> None:
    known: set[str] = set()
    for product in products:
        if product.label.casefold() in known:
            field = f"product-{product.id}" if product.id else f"new-{service}"
            raise InvalidError(N_("The service has a product of this name already."), field=field)
        known.add(product.label.casefold())
    if is_offered and not any(product.is_enabled for product in products):
        raise InvalidError(N_("A service that is offered needs at least one product."), field=f"service-{service}")
