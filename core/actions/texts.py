"""The desk puts a text in its own words, or goes back to ours."""

from core.actions import desk_settings
from core.actions.desk_settings import Fields
from core.db import ReadSession, WriteSession
from core.errors import InvalidError
from core.i18n import LANGUAGES, N_
from core.models import DeskText, Technician
from core.queries import texts
from core.render.office import Office
from core.render.texts import default
from core.rules.texts import LONGEST, Text, missing, unknown


async def set_text(
    session: WriteSession, actor: Technician, text: Text, wanted: Fields, *, seen: Fields, office: Office
) -> None:
    """The text in every language; what is empty, or as the catalog has it, is not kept.

    Raises InvalidError, StaleError, ForbiddenError.
    """
    await desk_settings.begin(session, actor)
    before = await written(session, text, office=office)
    desk_settings.refuse_stale(seen, before)
    for language in LANGUAGES:
        words = checked(text, wanted.get(language, ""), language)
        row = await session.get(DeskText, (text.value, language))
        if row is not None:
            await session.delete(row)
            await session.flush()
        if words and words != default(text, office.translators[language]):
            session.add(DeskText(name=text.value, language=language, words=words))
    await session.flush()
    after = await written(session, text, office=office)
    desk_settings.note(session, actor, f"text {text}", before=before, after=after)


async def written(session: ReadSession, text: Text, *, office: Office) -> Fields:
    """The text by language, as its form has it."""
    own = await texts.own_words(session)
    return {
        language: own.get((text.value, language), default(text, office.translators[language]))
        for language in LANGUAGES
    }


def checked(text: Text, words: str, field: str) -> str:
    """The words without blanks around them. Raises InvalidError."""
    words = words.strip()
    if len(words) > LONGEST:
        raise InvalidError(N_("At most %(n)s characters."), field=field, n=LONGEST)
    for name in missing(text, words) if words else ():
        raise InvalidError(N_("{%(name)s} must stand somewhere in the text."), field=field, name=name)
    for name in unknown(text, words):
        raise InvalidError(N_("Nothing can be filled in for {%(name)s} here."), field=field, name=name)
    return words
