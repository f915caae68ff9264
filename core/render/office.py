"""The desk as its messages show it."""

from dataclasses import dataclass

from core.i18n import Translator, Translators


@dataclass(frozen=True)
class Office:
    """Name and addresses of the desk, and its languages. Empty strings are left out of texts.

    ``upload_url`` is empty where customers cannot reach the panel; ``upload_limit`` in MB.
    """

    name: str
    translators: Translators
    email: str = ""
    phone: str = ""
    url: str = ""
    panel_url: str = ""
    upload_url: str = ""
    upload_limit: int = 200

    @property
    def t(self) -> Translator:
        """The translator of the desk's own language."""
        return self.translators[None]
