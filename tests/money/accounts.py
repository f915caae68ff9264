"""One company seen by whoever keeps its accounts: close, reopen, and read every line."""

from dataclasses import dataclass

from sqlalchemy import select

from core.actions import closing, ledger
from core.actions.events import change_state
from core.clock import now
from core.models import (
    CallAttempt,
    Company,
    Invoicing,
    LedgerLine,
    Person,
    TechnicalHour,
    TechnicalHourPart,
    Technician,
    Ticket,
    TicketClosure,
)
from core.queries import ledger as accounts
from core.queries import times
from core.queries.tickets import by_number
from core.rules.calls import CallOutcome
from core.rules.closures import (
    Closure,
    ClosurePlan,
    ClosureRequest,
    Shortfall,
    plan_closure,
)
from core.rules.ledger import InvoicingKind, LineKind
from core.rules.permissions import Role
from core.rules.states import State
from tests.admin.desk import Desk


@dataclass
class Accounts:
    desk: Desk
    company: Company
    person: Person
    tom: Technician
    sofia: Technician

    @classmethod
    async def opened(cls, desk: Desk, *, purchased: int | None = 200, ruc: str = "0992345678001") -> "Accounts":
        company = await desk.registers(ruc, purchased_minutes=purchased)
        person = await desk.greets(company, chat=int(ruc[4:10]))
        return cls(desk, company, person, await desk.employ("tom"), await desk.employ("sofia", role=Role.SUPERVISOR))

    async def ticket(self) -> int:
        return (await self.desk.receives(self.company, self.person)).number

    async def close(
        self,
        closure: Closure,
        minutes: int,
        *,
        ticket: int | None = None,
        by: Technician | None = None,
        shortfall: Shortfall | None = None,
    ) -> TicketClosure:
        """Close a ticket, a new one unless named."""
        number = await self.ticket() if ticket is None else ticket
        async with self.desk.database.write() as session:
            found = await by_number(session, number, lock=True)
            actor = await session.get_one(Technician, (by or self.tom).id)
            request = ClosureRequest(closure, "Porque sí", "Hecho", minutes, shortfall)
            return await closing.close(session, actor, found, request, office=self.desk.office)

    async def correct(
        self, closed: TicketClosure, closure: Closure, minutes: int, *, reason: str = ""
    ) -> tuple[ClosurePlan, TicketClosure]:
        """Reclassify a closing: what the preview said, and what was done."""
        request = ClosureRequest(closure, "Porque sí", "Hecho", minutes, reason=reason)
        async with self.desk.database.write() as session:
            number = await session.scalar(select(Ticket.number).where(Ticket.id == closed.ticket_id))
            assert number is not None
            found = await by_number(session, number, lock=True)
            actor = await session.get_one(Technician, self.sofia.id)
            facts = await closing.facts(session, found, actor=actor, replaced=closed)
            return plan_closure(facts, request), await closing.reclassify(
                session, actor, found, request, office=self.desk.office
            )

    async def reopen(self, number: int) -> None:
        """What reopening does to the ticket and to its accounts."""
        async with self.desk.database.write() as session:
            found = await by_number(session, number, lock=True)
            closure = await session.scalar(
                select(TicketClosure)
                .where(TicketClosure.ticket_id == found.id)
                .order_by(TicketClosure.number.desc())
                .limit(1)
            )
            await ledger.reverse_closure(session, closure, actor=None, at=now())
            change_state(session, found, State.OPEN, by=None)
            found.reopened_at = now()

    async def calls_in_vain(self, number: int) -> None:
        """As many as it takes to close without success."""
        async with self.desk.database.write() as session:
            found = await by_number(session, number, lock=True)
            session.add_all(
                CallAttempt(ticket_id=found.id, technician_id=self.tom.id, outcome=CallOutcome.BUSY, at=now())
                for _ in range(2)
            )

    async def unaccounted(self) -> int:
        """Minutes of the company's open tickets that no closing charges yet."""
        async with self.desk.database.read() as session:
            return (await times.unaccounted(session, [self.company.id])).get(self.company.id, 0)

    async def invoice(self, hour: TechnicalHour) -> None:
        async with self.desk.database.write() as session:
            session.add(
                Invoicing(
                    technical_hour_id=hour.id,
                    kind=InvoicingKind.INVOICED,
                    reference="001-001-000000042",
                    technician_id=self.sofia.id,
                    at=now(),
                )
            )

    async def balances(self) -> tuple[int, int | None]:
        """Minutes in the bag, and purchased minutes left."""
        async with self.desk.database.read() as session:
            found = await accounts.balances(session, self.company.id)
        return found.bag, found.purchased

    async def hours(self) -> list[dict[int, int]]:
        """The technical hours that stand, each as minutes by closing."""
        async with self.desk.database.read() as session:
            standing = await session.scalars(
                select(TechnicalHour)
                .where(TechnicalHour.company_id == self.company.id, ~accounts.is_withdrawn())
                .order_by(TechnicalHour.id)
            )
            parts = list(await session.scalars(select(TechnicalHourPart).order_by(TechnicalHourPart.id)))
            return [
                {part.closure_id: part.minutes for part in parts if part.technical_hour_id == hour.id}
                for hour in standing
            ]

    async def lines(self) -> list[tuple[LineKind, int]]:
        async with self.desk.database.read() as session:
            found = await session.scalars(
                select(LedgerLine).where(LedgerLine.company_id == self.company.id).order_by(LedgerLine.id)
            )
            return [(line.kind, line.minutes) for line in found]
