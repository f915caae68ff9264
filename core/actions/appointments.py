"""Times agreed with a customer for a call: one of a ticket holds, until it was called or nothing is left to say."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from core.actions import alerts, articles
from core.actions.alerts import Told
from core.clock import now
from core.db import WriteSession
from core.i18n import Translator
from core.models import Appointment, AppointmentState, Article, CallAttempt, Person, Ticket
from core.queries.appointments import NEAR
from core.queries.heartbeats import restored_at
from core.render.office import Office
from core.render.requests import slot_words
from core.rules.alerts import Alert
from core.rules.calls import CallOutcome
from core.rules.requests import EARLY


async def agree(
    session: WriteSession, ticket: Ticket, person: Person, *, at: datetime, t: Translator, office: Office
) -> Article:
    """The customer may be called then: it is said in the ticket and answers what was asked. The ticket is locked."""
    await cancel(session, ticket)
    session.add(
        Appointment(ticket_id=ticket.id, person_id=person.id, at=at, state=AppointmentState.AGREED, created_at=now())
    )
    article = await articles.add(session, person, ticket, text=_words(at, t, office), content=None)
    await articles.tell(session, ticket, article, office=office)
    return article


async def cancel(session: WriteSession, ticket: Ticket) -> None:
    """No call is awaited any more."""
    await _settle(session, ticket, AppointmentState.CANCELLED)


async def settle_by(session: WriteSession, ticket: Ticket, call: CallAttempt) -> None:
    """The call that was agreed has been made, or whoever was to be called has been reached before."""
    latest = None if call.outcome is CallOutcome.CONNECTED else call.at + EARLY
    await _settle(session, ticket, AppointmentState.CALLED, latest=latest)


async def remind_due(session: WriteSession, *, office: Office) -> None:
    """Whose ticket it is, on the own phone, a quarter of an hour before the call: once for each that was agreed."""
    moment = now()
    due = (
        select(Appointment)
        .where(
            Appointment.state == AppointmentState.AGREED,
            Appointment.at <= moment + NEAR,
            Appointment.at > moment - NEAR,
        )
        .options(joinedload(Appointment.ticket), joinedload(Appointment.person))
    )
    restored = await restored_at(session)
    if restored is not None:  # what was due before was told by the desk the backup came from
        due = due.where(or_(Appointment.at > restored + NEAR, Appointment.created_at > restored))
    for agreed in await session.scalars(due):
        when, name = office.t.moment(agreed.at), agreed.person.name
        text = office.t("Call agreed for %(when)s with %(name)s", when=when, name=name)
        alerts.note(session, Told(Alert.REMINDER, f"call-{agreed.id}", office, agreed.ticket, text=text))


async def _settle(
    session: WriteSession, ticket: Ticket, state: AppointmentState, *, latest: datetime | None = None
) -> None:
    of_ticket = (Appointment.ticket_id == ticket.id) & (Appointment.state == AppointmentState.AGREED)
    change = update(Appointment).where(of_ticket).values(state=state)
    await session.execute(change if latest is None else change.where(Appointment.at <= latest))


def _words(at: datetime, t: Translator, office: Office) -> str:
    """In the customer's language and at the customer's clock, which need not be the desk's."""
    when, at_the_desk = slot_words(at, t), office.t.time(at)
    if t.time(at) == at_the_desk:
        return t("You may call me on %(when)s.", when=when)
    return t("You may call me on %(when)s (at the desk it is %(hour)s then).", when=when, hour=at_the_desk)
