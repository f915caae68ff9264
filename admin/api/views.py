"""Rows as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from admin.api import models
from admin.api.call_models import AppointmentOut, CallOut
from admin.api.delivery_models import DeliveryOut, Try
from core.actions import service_change
from core.db import ReadSession, WriteSession
from core.messaging import outbox
from core.models import TROUBLED_DELIVERIES, Appointment, Article, CallAttempt, Ticket, TicketClosure, TimeEntry
from core.queries import appointments, dossier, following, tickets
from core.queries.deliveries import DeliveryLine
from core.queries.dossier import Closing, Dossier, Push
from core.queries.thread import Said
from core.render.office import Office
from core.render.troubles import why
from core.rules.closures import ClosurePlan
from core.rules.states import waiting_for


class View:
    """Shows things as this desk sees them: its name, its time zone."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._zone: ZoneInfo = office.t.timezone

    def line(self, ticket: Ticket) -> models.TicketLine:
        return models.TicketLine(
            number=ticket.number,
            subject=ticket.subject,
            state=ticket.state,
            service=ticket.service,
            company=models.CompanyName(ruc=ticket.company.ruc, name=ticket.company.name),
            created_at=self._at(ticket.created_at),
            updated_at=self._at(ticket.updated_at),
            waiting_for=waiting_for(ticket.state, ticket.customer_spoke_last),
        )

    async def ticket(self, session: ReadSession, number: int) -> models.TicketOut:
        """The whole ticket as it stands in this session. Raises NotFoundError."""
        if isinstance(session, WriteSession):
            await outbox.write_posted(session)
        ticket = await tickets.by_number(session, number)
        parts = [await dossier.read(session, ticket)]
        while parts[0].earlier:
            parts.insert(0, await dossier.read(session, ticket, before=parts[0].earlier))
        return models.TicketOut(
            **self.line(ticket).model_dump(),
            product=ticket.product,
            assignee=ticket.assignee.username if ticket.assignee else None,
            responsible=ticket.responsible.username if ticket.responsible else None,
            remind_at=self._at(ticket.remind_at) if ticket.remind_at else None,
            verified=ticket.is_verified,
            on_behalf_of=ticket.opened_by.name if ticket.opened_by and ticket.opened_by_technician_id else None,
            articles=self._articles(parts),
            calls=[self.call(call) for part in parts for call in part.calls],
            appointments=[self._appointment(one) for one in await appointments.of_ticket(session, ticket)],
            time_entries=[self.time(entry) for part in parts for entry in part.times],
            closures=[self._closing(closing) for closing in parts[-1].closings],
            linked=[other.number for other in await following.linked(session, ticket)],
            **await self._joined(session, ticket),
            close_asked_at=self._at(ticket.close_asked_at) if ticket.close_asked_at else None,
            asks=ticket.request_asks,
            request=next(
                (one.position for part in parts for one in part.articles if one.id == ticket.request_id), None
            ),
            version=ticket.version,
        )

    async def _joined(self, session: ReadSession, ticket: Ticket) -> dict[str, Any]:
        """What other tickets it has to do with, and the service it may become."""
        target = await following.merged_into(session, ticket)
        asked = await service_change.asked(session, ticket)
        return {
            "links": [other.number for other in await following.by_hand(session, ticket)],
            "merged_into": target.number if target else None,
            "merged": [other.number for other in await following.merged_here(session, ticket)],
            "service_asked": models.ServiceOut(**asked.data, at=self._at(asked.at)) if asked else None,
        }

    async def written(self, session: WriteSession, article: Article) -> models.ArticleOut:
        """An article just added to the end of its ticket, with the pushes it caused."""
        await session.flush()
        await outbox.write_posted(session)
        ticket = await session.get_one(Ticket, article.ticket_id)
        latest = await dossier.read(session, ticket)
        return self.article(latest.articles[-1], latest.pushes.get(latest.articles[-1].id, ()))

    def article(self, article: Said, pushes: Sequence[Push] = ()) -> models.ArticleOut:
        return models.ArticleOut(
            number=article.position,
            author=self._author(article),
            kind=article.kind,
            asks=article.asks,
            text=article.text,
            created_at=self._at(article.created_at),
            attachments=[
                models.File(id=file.id, name=file.name, media_type=file.media_type, size=file.size, state=file.state)
                for file in article.attachments
            ],
            deliveries=[models.Delivery(channel=push.channel, state=push.state) for push in dossier.merged(pushes)],
            retracted_at=self._at(article.retracted_at) if article.retracted_at else None,
        )

    def call(self, call: CallAttempt) -> CallOut:
        return CallOut(
            outcome=call.outcome,
            phone=call.phone,
            at=self._at(call.at),
            technician=call.technician.name,
            request=call.request.position if call.request else None,
        )

    def _appointment(self, agreed: Appointment) -> AppointmentOut:
        return AppointmentOut(
            at=self._at(agreed.at),
            state=agreed.state.value,
            person=agreed.person.name,
            created_at=self._at(agreed.created_at),
        )

    def time(self, entry: TimeEntry) -> models.TimeOut:
        return models.TimeOut(
            id=entry.id,
            minutes=entry.minutes,
            note=entry.note,
            at=self._at(entry.at),
            technician=entry.technician.name,
        )

    def delivery(self, line: DeliveryLine) -> DeliveryOut:
        row, about = line.row, line.about
        return DeliveryOut(
            id=row.id,
            channel=row.channel,
            state=row.state,
            recipient=line.recipient,
            ticket=about.ticket_number,
            article=about.article,
            company=models.CompanyName(ruc=about.ruc, name=about.company) if about.ruc else None,
            reason=self._office.t(why(row.state, row.channel, row.error)) if row.state in TROUBLED_DELIVERIES else "",
            tries=[
                Try(at=self._at(attempt.started_at), outcome=attempt.outcome or "interrupted")
                for attempt in line.tries
            ],
            created_at=self._at(row.created_at),
            sent_at=self._at(row.sent_at) if row.sent_at else None,
        )

    def _articles(self, parts: Sequence[Dossier]) -> list[models.ArticleOut]:
        return [self.article(article, part.pushes.get(article.id, ())) for part in parts for article in part.articles]

    def _author(self, article: Said) -> models.Author:
        if article.technician is not None:
            return models.Author(kind="technician", name=article.technician)
        if article.person is not None:
            return models.Author(kind="customer", name=article.person)
        return models.Author(kind="desk", name=self._office.name)

    def _closing(self, closing: Closing) -> models.ClosingOut:
        closure = closing.closure
        return models.ClosingOut(
            number=closure.number,
            closure=closure.closure,
            cause=closure.cause,
            solution=closure.solution,
            real_minutes=closure.real_minutes,
            carried_minutes=closure.carried_minutes,
            charged_minutes=closure.charged_minutes,
            bag_before=closure.bag_before,
            bag_after=closure.bag_after,
            technical_hours_issued=closure.technical_hours,
            purchased_before=closure.purchased_before,
            purchased_after=closure.purchased_after,
            at=self._at(closure.at),
            technician=closure.technician.name,
            report_ready=closing.has_pdf,
            rating=closing.rating.stars if closing.rating else None,
            rating_comment=closing.rating.comment if closing.rating else "",
        )

    def _at(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)


def consequence(plan: ClosurePlan) -> models.Consequence:
    return models.Consequence(
        charged_minutes=plan.charged_minutes,
        bag_before=plan.bag_before,
        bag_after=plan.bag_after,
        technical_hours_issued=plan.technical_hours_issued,
        purchased_before=plan.purchased_before,
        purchased_after=plan.purchased_after,
        refused=list(plan.refused),
    )


def made(closure: TicketClosure) -> models.Consequence:
    """What a closing did."""
    return models.Consequence(
        charged_minutes=closure.charged_minutes,
        bag_before=closure.bag_before,
        bag_after=closure.bag_after,
        technical_hours_issued=closure.technical_hours,
        purchased_before=closure.purchased_before,
        purchased_after=closure.purchased_after,
        refused=[],
    )
