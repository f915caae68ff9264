"""Catalogs, dates and numbers: English source text in code, Spanish shown by default."""

import gettext
import io
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "locales"
LANGUAGES = ("es", "en")

_Day = date  # a translator's own `date` hides the name


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a text of a table for the catalogs; whoever shows it translates it."""
    return message


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    path = LOCALES / language / "LC_MESSAGES" / "ventanilla.po"
    if language == "en" or not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its values; after ``Comercial Andina S.A.`` a sentence needs no full stop of its own."""
    for name, value in values.items():
        if isinstance(value, str) and value.endswith("."):
            text = text.replace(f"%({name})s.", f"%({name})s")
    return text % values if values else text


class Translator:
    """One reader: a language and a time zone. Call it with a source text and its values."""

    def __init__(self, language: str = "es", timezone: str = "America/Guayaquil") -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.timezone = ZoneInfo(timezone)
        self._catalog = _catalog(self.language)

    def __call__(self, message: str, /, **values: object) -> str:
        return _filled(self._catalog.gettext(message), values)

    def plural(self, one: str, many: str, /, n: int, **values: object) -> str:
        """The form for ``n``, with ``%(n)s`` and the values filled in."""
        return _filled(self._catalog.ngettext(one, many, n), {"n": n, **values})

    def context(self, context: str, message: str, /, **values: object) -> str:
        """A text whose meaning depends on where it stands ("Open" the state, not the verb)."""
        return _filled(self._catalog.pgettext(context, message), values)

    def date(self, moment: datetime) -> str:
        """dd/mm/yyyy in the reader's time zone."""
        return f"{moment.astimezone(self.timezone):%d/%m/%Y}"

    def time(self, moment: datetime) -> str:
        """HH:MM, 24 hours: es_EC in CLDR has 12, the office writes 24."""
        return f"{moment.astimezone(self.timezone):%H:%M}"

    def moment(self, moment: datetime) -> str:
        return f"{self.date(moment)} {self.time(moment)}"

    def month(self, day: _Day) -> str:
        """``noviembre de 2026``."""
        return format_skeleton("yMMMM", day, locale=self.language)

    def minutes(self, minutes: int) -> str:
        """``15 min`` below an hour, ``3 h 20 min`` from there, signed if negative."""
        sign, rest = ("-" if minutes < 0 else ""), abs(minutes)
        hours, rest = divmod(rest, 60)
        if not hours:
            return f"{sign}{rest} min"
        return f"{sign}{hours} h {rest} min" if rest else f"{sign}{hours} h"

    def size(self, size: int) -> str:
        """Bytes as people say them: ``820 B``, ``14 KB``, ``3,2 MB`` (decimal comma in Spanish)."""
        if size < 1000:
            return f"{size} B"
        if size < 1_000_000:
            return f"{size / 1000:.0f} KB"
        text = f"{size / 1_000_000:.1f} MB"
        return text.replace(".", ",") if self.language == "es" else text


class Translators:
    """The translators of one desk, by language; an unknown language reads the default one."""

    def __init__(self, *, default: str, timezone: str) -> None:
        self.default, self._timezone = default, timezone
        self._by_language = {language: Translator(language, timezone) for language in LANGUAGES}

    def __getitem__(self, language: str | None) -> Translator:
        return self._by_language.get(language or self.default, self._by_language[self.default])

    def at(self, language: str | None, timezone: str | None) -> Translator:
        """The translator of a reader who lives by another clock than the desk's; None: by the same."""
        known = self[language]
        return known if timezone in {None, self._timezone} else _elsewhere(known.language, str(timezone))


@cache
def _elsewhere(language: str, timezone: str) -> Translator:
    return Translator(language, timezone)
