"""The desk as its messages show it."""

from dataclasses import dataclass

from core.i18n import Translator, Translators


@dataclass(frozen=True)
class Office:
    """Name and addresses of the desk, and its languages. Empty strings are left out of texts."""

    name: str
    translators: Translators
    email: str = ""
    phone: str = ""
    url: str = ""
    panel_url: str = ""

    @property
    def t(self) -> Translator:
        """The translator of the desk's own language."""
        return self.translators[None]
