"""The desk as its messages show it."""

from dataclasses import dataclass

from core.i18n import Translator, Translators

LOGO_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class Logo:
    """The desk's picture: a PNG of the store, drawn anew from what was uploaded."""

    sha256: str
    width: int
    height: int

    @property
    def address(self) -> str:
        """Where the panel serves it; other bytes have another address."""
        return f"/logo/{self.sha256}.png"

    def within(self, width: int, height: int) -> tuple[int, int]:
        """Its size in pixels where it is shown at most so large; never larger than it is."""
        scale = min(1, width / self.width, height / self.height)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


class Reachable:
    """What letters and papers say under the desk's name: how it is reached, as far as it has said so."""

    __slots__ = ()

    address: str
    email: str
    phone: str
    url: str

    @property
    def contact(self) -> list[str]:
        return [part for part in (self.address, self.email, self.phone, self.url) if part]


@dataclass(frozen=True)
class Office(Reachable):
    """Name, addresses and logo of the desk, and its languages. Empty strings are left out of texts.

    ``upload_url`` is empty where customers cannot reach the panel; ``upload_limit`` in MB.
    What the desk has written in its settings is put in by ``core.messaging.letterhead``.
    """

    name: str
    translators: Translators
    email: str = ""
    phone: str = ""
    url: str = ""
    address: str = ""
    logo: Logo | None = None
    panel_url: str = ""
    upload_url: str = ""
    upload_limit: int = 200

    @property
    def t(self) -> Translator:
        """The translator of the desk's own language."""
        return self.translators[None]
