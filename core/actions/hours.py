"""Tells a company when its purchased hours run low: once, as the balance falls to the threshold."""

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from core.db import WriteSession
from core.messaging import outbox
from core.models import IN_FORCE, Binding, Company, Urgency
from core.queries import policy
from core.render import telegram
from core.render.office import Office
from core.rules.identity import Level
from core.rules.notices import Follows
from core.rules.purchases import has_crossed


async def tell_if_low(
    session: WriteSession, company_id: int, *, before: int | None, after: int | None, office: Office
) -> None:
    """A message to the contact person and to who follows the company, verified ones only."""
    threshold = (await policy.desk_policy(session)).low_balance_minutes
    if not has_crossed(before, after, threshold):
        return
    company = await session.get_one(Company, company_id)
    bindings = await session.scalars(
        select(Binding)
        .where(
            Binding.company_id == company_id,
            IN_FORCE,
            Binding.level == Level.VERIFIED,
            or_(Binding.follows == Follows.COMPANY, Binding.person_id == company.contact_person_id),
        )
        .options(joinedload(Binding.person))
        .order_by(Binding.id)
    )
    for binding in bindings:
        t = office.translators[binding.person.language]
        html = telegram.page("hours_low", t, company=company, left=after, office=office)
        outbox.post(session, binding.person.telegram_id, "sendMessage", telegram.message(html), urgency=Urgency.NEWS)
