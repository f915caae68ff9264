"""Companies as the desk sees them: the list, and the card with people, balances and tickets."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import Binding, Company, LedgerLine, Technician, Ticket, TicketClosure
from core.queries import persons, policy, times
from core.queries.folding import contains_words
from core.queries.ledger import Balances, balances

PAGE = 50
OTHER_TICKETS = 8
LINES = 20


@dataclass(frozen=True, slots=True)
class Movement:
    """A ledger line with the ticket whose closing made it, if one did."""

    line: LedgerLine
    ticket_number: int | None
    technician_name: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A company with e-mails and phones, the persons bound to it, its balance and its latest tickets.

    ``unaccounted``: minutes recorded on open tickets; ``is_low``: the purchased hours run out.
    """

    company: Company
    bindings: Sequence[Binding]
    balance: Balances
    tickets: Sequence[Ticket]
    unaccounted: int
    is_low: bool

    @property
    def reachable(self) -> Sequence[Binding]:
        """Who can be told something in the chat right now."""
        return [
            binding for binding in self.bindings if binding.person.blocked_at is None and binding.frozen_at is None
        ]


@dataclass(frozen=True, slots=True)
class CompanyPage:
    companies: Sequence[Company]
    next: str


async def by_ruc(session: ReadSession, ruc: str) -> Company:
    """Raises NotFoundError."""
    company = await session.scalar(
        select(Company)
        .where(Company.ruc == ruc)
        .options(selectinload(Company.emails), selectinload(Company.phones))
        .execution_options(populate_existing=True)
    )
    if company is None:
        raise NotFoundError
    return company


async def card(session: ReadSession, company: Company, *, without: Ticket | None = None) -> Card:
    """The card of a company whose e-mails and phones are loaded; ``without`` leaves one ticket out."""
    bindings = await persons.of_company(session, company.id)
    tickets = select(Ticket).where(Ticket.company_id == company.id).options(joinedload(Ticket.assignee))
    if without is not None:
        tickets = tickets.where(Ticket.id != without.id)
    latest = await session.scalars(tickets.order_by(Ticket.number.desc()).limit(OTHER_TICKETS))
    balance = await balances(session, company.id)
    threshold = (await policy.desk_policy(session)).low_balance_minutes
    return Card(
        company,
        bindings,
        balance,
        latest.all(),
        unaccounted=(await times.unaccounted(session, company.id)).get(company.id, 0),
        is_low=balance.purchased is not None and balance.purchased <= threshold,
    )


async def movements(
    session: ReadSession, company_id: int, *, below: int | None = None, limit: int = LINES
) -> Sequence[Movement]:
    """The last ledger lines, newest first; ``below`` is the id the last page ended with."""
    query = (
        select(LedgerLine, Ticket.number, Technician.name)
        .outerjoin(TicketClosure, TicketClosure.id == LedgerLine.closure_id)
        .outerjoin(Ticket, Ticket.id == TicketClosure.ticket_id)
        .outerjoin(Technician, Technician.id == LedgerLine.technician_id)
        .where(LedgerLine.company_id == company_id)
        .order_by(LedgerLine.id.desc())
        .limit(limit)
    )
    if below is not None:
        query = query.where(LedgerLine.id < below)
    rows = await session.execute(query)
    return [Movement(line, number, name) for line, number, name in rows]


async def search(session: ReadSession, text: str, *, after: str = "", limit: int = PAGE) -> CompanyPage:
    """Companies whose name or RUC has the words, by name; ``after`` is the RUC the last page ended with."""
    query = select(Company)
    if text.strip():
        query = query.where(contains_words(text, Company.name, Company.ruc))
    if after:
        last = await by_ruc(session, after)
        query = query.where(_behind(last))
    query = query.options(selectinload(Company.phones)).order_by(Company.sort_key, Company.ruc).limit(limit + 1)
    found = (await session.scalars(query)).all()
    return CompanyPage(found[:limit], next=found[limit - 1].ruc if len(found) > limit else "")


def _behind(last: Company) -> ColumnElement[bool]:
    return or_(Company.sort_key > last.sort_key, and_(Company.sort_key == last.sort_key, Company.ruc > last.ruc))
