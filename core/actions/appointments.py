"""Times agreed with a customer for a call."""

from datetime import datetime

from core.actions import articles
from core.db import WriteSession
from core.i18n import Translator
from core.models import Article, Person, Ticket
from core.render.office import Office
from core.render.requests import slot_words


async def agree(
    session: WriteSession, ticket: Ticket, person: Person, *, at: datetime, t: Translator, office: Office
) -> Article:
    """The customer may be called then: it is said in the ticket and answers what was asked. The ticket is locked."""
    article = await articles.add(session, person, ticket, text=_words(at, t, office), content=None)
    await articles.tell(session, ticket, article, office=office)
    return article


def _words(at: datetime, t: Translator, office: Office) -> str:
    """In the customer's language and at the customer's clock, which need not be the desk's."""
    text = t("You may call me on %(when)s.", when=slot_words(at, t))
    if t.time(at) == office.t.time(at):
        return text
    return f"{text} {t('(%(hour)s at the desk)', hour=office.t.time(at))}"
