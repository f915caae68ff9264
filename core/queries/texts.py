"""The desk's own words, read where they are said: a change holds from the next message on, in every process."""

from collections.abc import Mapping

from sqlalchemy import select

from core.db import ReadSession
from core.i18n import Translator
from core.models import DeskText
from core.render.texts import default
from core.rules.services import Service
from core.rules.texts import Text, fill

PRICES: Mapping[Service, Text] = {
    Service.SUPPORT: Text.SUPPORT_PRICE,
    Service.DEVELOPMENT: Text.DEVELOPMENT_PRICE,
}


async def said(session: ReadSession, text: Text, t: Translator, **values: object) -> str:
    """The text as this reader gets it."""
    own = await session.get(DeskText, (text.value, t.language))
    return fill(own.words if own else default(text, t), values)


async def own_words(session: ReadSession) -> Mapping[tuple[str, str], str]:
    """All the desk has written itself, by text and language."""
    return {(row.name, row.language): row.words for row in await session.scalars(select(DeskText))}
