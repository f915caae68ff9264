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


OWN = "own words"  # where a session keeps what it has read, for all it says to whomever


async def said(session: ReadSession, text: Text, t: Translator, **values: object) -> str:
    """The text as this reader gets it."""
    if OWN not in session.info:
        session.info[OWN] = await own_words(session)
    words: str = session.info[OWN].get((text.value, t.language)) or default(text, t)
    return fill(words, values)


async def own_words(session: ReadSession) -> Mapping[tuple[str, str], str]:
    """All the desk has written itself, by text and language."""
    rows = await session.execute(_OWN)
    return {(name, language): words for name, language, words in rows}


_OWN = select(DeskText.name, DeskText.language, DeskText.words)
