"""Companies as the desk sees them: the list, and the card with people, balances and tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import selectinload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import (
    Binding,
    Company,
    CompanyEmail,
    CompanyPhone,
    LedgerLine,
    Person,
    Technician,
    Ticket,
    TicketClosure,
)
from core.models.people import full_name
from core.queries import ledger, policy, times
from core.queries.folding import contains_words
from core.queries.ledger import Balances
from core.queries.together import Answers, Question, ask
from core.queries.written import at_most
from core.rules.identity import Level, Proof
from core.rules.policy import DeskPolicy
from core.rules.states import State

PAGE = 50
OTHER_TICKETS = 8
LINES = 20
_EMAIL, _PHONE = 0, 1


@dataclass(frozen=True, slots=True)
class Movement:
    """A ledger line with the ticket whose closing made it, if one did."""

    line: LedgerLine
    ticket_number: int | None
    technician_name: str | None


class Other(NamedTuple):
    """A ticket of the company, in short."""

    number: int
    subject: str
    state: State
    updated_at: datetime


class OnTelegram(NamedTuple):
    """A binding that has not ended, with its person."""

    id: int
    person_id: int
    level: Level
    proof: Proof
    since: datetime
    verified_at: datetime | None
    seen_at: datetime | None
    frozen_at: datetime | None
    blocked_at: datetime | None
    first_name: str
    last_name: str
    username: str | None
    telegram_id: int

    @property
    def name(self) -> str:
        return full_name(self.first_name, self.last_name, self.username, self.telegram_id)

    @property
    def is_verified(self) -> bool:
        return self.level is Level.VERIFIED


class Accounts(NamedTuple):
    """The sums of the company's accounts, and the minutes recorded on its open tickets."""

    bag: int | None
    purchased: int | None
    first_expiry: datetime | None
    unaccounted: int | None


class Contact(NamedTuple):
    kind: int
    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A company with its e-mails and phone numbers, the persons bound to it, its balance and its latest tickets.

    ``unaccounted``: minutes recorded on open tickets; ``is_low``: the purchased hours run out.
    """

    company: Company
    emails: Sequence[str]
    phones: Sequence[str]
    bindings: Sequence[OnTelegram]
    balance: Balances
    tickets: Sequence[Other]
    unaccounted: int
    is_low: bool

    @property
    def reachable(self) -> Sequence[OnTelegram]:
        """Who can be told something in the chat right now."""
        return [binding for binding in self.bindings if binding.blocked_at is None and binding.frozen_at is None]


@dataclass(frozen=True, slots=True)
class CompanyPage:
    companies: Sequence[Company]
    next: str


async def by_ruc(session: ReadSession, ruc: str) -> Company:
    """Raises NotFoundError."""
    company = await session.scalar(_by_ruc(), {"ruc": ruc})
    if company is None:
        raise NotFoundError
    return company


@cache
def _by_ruc() -> Select[Company]:
    query = select(Company).where(Company.ruc == bindparam("ruc")).execution_options(populate_existing=True)
    return query.options(selectinload(Company.emails), selectinload(Company.phones))


async def card(session: ReadSession, company: Company) -> Card:
    answers = await ask(session, [*QUESTIONS, policy.DECIDED], {"company_id": company.id, "but_ticket_id": 0})
    return of_answers(company, answers, policy.of_decided(answers[policy.DECIDED]))


def of_answers(company: Company, answers: Answers, desk: DeskPolicy) -> Card:
    """The card from what ``QUESTIONS`` were answered, asked with ``company_id`` and a ``but_ticket_id``."""
    sums = answers[ACCOUNTS][0]
    balance = ledger.of_sums(sums.bag, sums.purchased, sums.first_expiry)
    contacts = sorted(answers[CONTACTS])
    return Card(
        company,
        [contact.text for contact in contacts if contact.kind == _EMAIL],
        [contact.text for contact in contacts if contact.kind == _PHONE],
        answers[ON_TELEGRAM],
        balance,
        answers[LATEST],
        unaccounted=int(sums.unaccounted or 0),
        is_low=balance.purchased is not None and balance.purchased <= desk.low_balance_minutes,
    )


def _accounts() -> Select[*tuple[Any, ...]]:
    return ledger.sums().add_columns(times.unaccounted_of().label("unaccounted"))


def _contacts() -> CompoundSelect[int, int, str]:
    """The e-mails and the phone numbers on record."""
    of_company: ColumnElement[int] = bindparam("company_id")
    emails = select(literal(_EMAIL).label("kind"), CompanyEmail.id, CompanyEmail.address).where(
        CompanyEmail.company_id == of_company
    )
    phones = select(literal(_PHONE).label("kind"), CompanyPhone.id, CompanyPhone.number).where(
        CompanyPhone.company_id == of_company
    )
    return union_all(emails, phones)


def _on_telegram() -> Select[*tuple[Any, ...]]:
    """Who acts for the company in a chat, the oldest first."""
    binding = (Binding.id, Binding.person_id, Binding.level, Binding.proof, Binding.since, Binding.verified_at)
    person = (Person.blocked_at, Person.first_name, Person.last_name, Person.username, Person.telegram_id)
    query = select(*binding, Binding.seen_at, Binding.frozen_at, *person).join(Binding.person)
    query = query.where(Binding.company_id == bindparam("company_id"), Binding.ended_at.is_(None))
    return query.order_by(Binding.since, Binding.id)


def _latest() -> Select[*tuple[Any, ...]]:
    query = select(Ticket.number, Ticket.subject, Ticket.state, Ticket.updated_at)
    query = query.where(Ticket.company_id == bindparam("company_id"), Ticket.id != bindparam("but_ticket_id"))
    return query.order_by(Ticket.number.desc()).limit(at_most(OTHER_TICKETS))


ACCOUNTS = Question(Accounts, _accounts())
CONTACTS = Question(Contact, _contacts())
ON_TELEGRAM = Question(OnTelegram, _on_telegram())
LATEST = Question(Other, _latest())
QUESTIONS = (ACCOUNTS, CONTACTS, ON_TELEGRAM, LATEST)


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
        query = query.where(behind(last))
    query = query.options(selectinload(Company.phones)).order_by(Company.sort_key, Company.ruc).limit(limit + 1)
    found = (await session.scalars(query)).all()
    return CompanyPage(found[:limit], next=found[limit - 1].ruc if len(found) > limit else "")


def behind(last: Company) -> ColumnElement[bool]:
    """What stands after it where companies stand by name."""
    return or_(Company.sort_key > last.sort_key, and_(Company.sort_key == last.sort_key, Company.ruc > last.ruc))
