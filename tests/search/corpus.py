"""A small desk whose tickets say what a test wants, found through the same query on any database."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.actions import companies, indexing
from core.clock import now
from core.db import Database
from core.models import Article, ArticleKind, Company, Person, Ticket
from core.queries import search
from core.rules import asking
from core.rules.services import Service
from core.rules.states import State

ZONE = ZoneInfo("America/Guayaquil")
FIRST = 1001


async def settle(database: Database, size: int) -> None:
    """A company and a person with ``size`` tickets, each of one article and one note, all empty yet."""
    moment = now()
    async with database.write() as session:
        company = await companies.register(session, None, ruc="0992345678001", name="Ferretería Ñandú")
        person = Person(telegram_id=501, first_name="Ada", created_at=moment, active_company_id=company.id)
        session.add(person)
        await session.flush()
        for number in range(FIRST, FIRST + size):
            at = moment - timedelta(days=size + FIRST - number)
            await _open(session, number, company, person, at)


async def _open(session, number: int, company: Company, person: Person, at: datetime) -> None:
    ticket = Ticket(
        number=number,
        company_id=company.id,
        opened_by_id=person.id,
        is_verified=True,
        service=Service.SUPPORT,
        product="SaciJava",
        subject="Asunto",
        state=State.NEW,
        customer_spoke_last=True,
        articles_count=2,
        created_at=at,
        reopened_at=at,
        updated_at=at,
    )
    session.add(ticket)
    await session.flush()
    for position, kind in enumerate((ArticleKind.CUSTOMER, ArticleKind.NOTE), start=1):
        session.add(Article(ticket_id=ticket.id, position=position, kind=kind, text="", created_at=at))
    indexing.renew(session, ticket.id)


async def say(database: Database, texts: list[str], notes: list[str]) -> None:
    """From now on the tickets say these texts, and the desk notes these notes."""
    async with database.write() as session:
        articles = (await session.scalars(select(Article).order_by(Article.ticket_id, Article.position))).all()
        for index, article in enumerate(articles):
            article.text = (notes if index % 2 else texts)[index // 2]
            indexing.renew(session, article.ticket_id)


async def numbers(database: Database, question: str, eyes: search.Eyes) -> list[int]:
    async with database.read() as session:
        asked = asking.read(question, now=now().astimezone(ZONE))
        found = await search.find(session, search.TICKETS, asked, eyes=eyes, zone=ZONE, size=50)
        return [ticket.number for ticket in found.tickets]
