"""What is in the database before somebody looks at it: companies, customers, tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.actions import companies, indexing, letterhead, staff, tickets
from core.clock import now
from core.db import Database
from core.models import (
    Article,
    ArticleKind,
    Binding,
    Company,
    EventKind,
    Person,
    Technician,
    Ticket,
    TicketEvent,
)
from core.passwords import hash_password
from core.queries.tickets import by_number
from core.render.office import Office
from core.rules.identity import Level, Proof
from core.rules.notices import Follows
from core.rules.permissions import Role
from core.rules.services import Service
from core.rules.states import State
from tests.admin.browser import PASSWORD

RUC = "0992345678001"


@dataclass
class Desk:
    """Builders; every one commits what it makes."""

    database: Database
    office: Office

    async def employ(
        self, username: str, role: Role = Role.TECHNICIAN, *, is_development: bool = False
    ) -> Technician:
        hashed = await hash_password(PASSWORD)  # before the transaction, which nobody holds for it
        async with self.database.write() as session:
            known = await session.scalar(select(Technician).where(Technician.username == username))
            return known or await staff.add_technician(
                session,
                username=username,
                name=username.capitalize(),
                role=role,
                password_hash=hashed,
                is_development=is_development,
            )

    async def registers(self, ruc: str = RUC, name: str = "Ferretería Ada", **known: object) -> Company:
        async with self.database.write() as session:
            return await companies.register(session, None, ruc=ruc, name=name, **known)

    async def greets(self, company: Company, name: str = "Ada", chat: int = 501, *, verified: bool = True) -> Person:
        """A person of the company logs in on Telegram."""
        moment = now()
        async with self.database.write() as session:
            person = Person(telegram_id=chat, first_name=name, created_at=moment, active_company_id=company.id)
            session.add(person)
            await session.flush()
            session.add(
                Binding(
                    person_id=person.id,
                    company_id=company.id,
                    level=Level.VERIFIED if verified else Level.IDENTIFIED,
                    proof=Proof.PASSWORD if verified else Proof.INITIAL_PASSWORD,
                    follows=Follows.OWN,
                    since=moment,
                    verified_at=moment if verified else None,
                )
            )
        return person

    async def receives(
        self,
        company: Company,
        person: Person,
        subject: str = "No imprime facturas",
        text: str = "Desde ayer sale en blanco.",
        *,
        at: datetime | None = None,
        state: State = State.NEW,
        service: Service = Service.SUPPORT,
        verified: bool = True,
    ) -> Ticket:
        """A ticket the person opened."""
        moment = at or now() - timedelta(minutes=5)
        async with self.database.write() as session:
            ticket = Ticket(
                number=await tickets.next_number(session),
                company_id=company.id,
                opened_by_id=person.id,
                is_verified=verified,
                service=service,
                product="SaciJava",
                subject=subject,
                state=state,
                customer_spoke_last=True,
                articles_count=1,
                created_at=moment,
                reopened_at=moment,
                updated_at=moment,
            )
            session.add(ticket)
            await session.flush()
            session.add(
                TicketEvent(ticket_id=ticket.id, kind=EventKind.OPENED, person_id=person.id, data={}, at=moment)
            )
            article = Article(
                ticket_id=ticket.id, position=1, kind=ArticleKind.CUSTOMER, person_id=person.id, text=text
            )
            article.created_at = moment
            session.add(article)
            indexing.renew(session, ticket.id)
        return ticket

    async def calls_itself(self, name: str, *, by: Technician, logo: str, size: tuple[int, int] = (480, 160)) -> None:
        """The desk's own name, and the SHA-256 of a picture in the store as its logo."""
        async with self.database.write() as session:
            actor = await session.get_one(Technician, by.id)
            await letterhead.write(session, actor, {"name": name}, seen=await letterhead.written(session))
            drawn = letterhead.new_logo(logo, file_name="logo.png", width=size[0], height=size[1])
            await letterhead.set_logo(session, actor, drawn, seen="")

    async def ticket(self, number: int) -> Ticket:
        """The ticket as it stands now."""
        async with self.database.read() as session:
            return await by_number(session, number)

    async def articles(self, ticket: Ticket) -> list[Article]:
        async with self.database.read() as session:
            query = select(Article).where(Article.ticket_id == ticket.id).order_by(Article.position)
            return list((await session.scalars(query)).all())

    async def all_of(self, kind: type) -> list:
        async with self.database.read() as session:
            return list((await session.scalars(select(kind).order_by(kind.id))).all())
