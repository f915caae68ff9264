"""The characters a person plays on the phone page."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Character:
    """A made-up Telegram user; `note` is the hint shown beside the name (a RUC and its password)."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    phone: str = ""
    language_code: str = "es"
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def as_user(self) -> dict[str, Any]:
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        return user

    def as_chat(self) -> dict[str, Any]:
        chat: dict[str, Any] = {"id": self.id, "type": "private", "first_name": self.first_name}
        if self.last_name:
            chat["last_name"] = self.last_name
        if self.username:
            chat["username"] = self.username
        return chat

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


DEFAULT_CHARACTERS = (
    Character(700000001, "Ada", "Mora", "ada_mora", "+593991000001", note="Cliente"),
    Character(700000002, "Bruno", "Paz", "bruno_paz", "+593991000002", note="Cliente"),
    Character(700000003, "Carla", "Ríos", "carla_rios", "+593991000003", note="Cliente"),
)
