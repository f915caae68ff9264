"""What a form brought, and how it comes back when it is refused: nothing typed is lost."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message

from admin import csrf
from admin.errors import TooLargeError, reasons_of, text_of
from admin.panel import Visit
from core.actions.collisions import GoneOnError
from core.actions.writing import NewFile
from core.errors import DeskError, InvalidError
from core.i18n import N_, Translator

SMALL = 64 * 1024  # a form without files, from somebody we do not know
TEXT = 2 * 1024 * 1024  # a form without files
LARGE = 200 * 1024 * 1024  # beyond this not even the text of the form is read
MAX_PART = 1024 * 1024


@asynccontextmanager
async def opened(request: Request, *, cap: int) -> AsyncIterator[FormData]:
    """The fields of a request of at most ``cap`` bytes; its files are there until the end. Raises TooLargeError."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > cap:
        raise TooLargeError
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > cap:
            raise TooLargeError
        return message

    capped = Request(request.scope, receive)
    data = await capped.form(max_files=100, max_fields=200, max_part_size=MAX_PART)
    try:
        yield data
    finally:
        await data.close()


async def read(request: Request, *, cap: int = TEXT) -> "Form":
    """A form without files. Raises TooLargeError."""
    async with opened(request, cap=cap) as data:
        return Form.of(data)


async def signed(request: Request, visit: Visit, *, cap: int = TEXT) -> "Form":
    """The same of somebody who is logged in. Raises StrangerError, too, where the session's token is missing."""
    form = await read(request, cap=cap)
    csrf.check_token(form.text("csrf"), visit.csrf_token)
    return form


@dataclass
class Form:
    """One form of a page: its fields, lines ticked, what is wrong, and the id that makes sending it idempotent."""

    values: Mapping[str, str] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    reasons: Sequence[str] = ()
    is_overtaken: bool = False  # refused only because others have written meanwhile
    files: Sequence[NewFile] = ()
    uploads: Sequence[UploadFile] = ()
    submission: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    @classmethod
    def of(cls, data: FormData) -> "Form":
        values = {name: _plain(value) for name, value in data.items() if isinstance(value, str)}
        uploads = [item for item in data.getlist("files") if isinstance(item, UploadFile) and item.filename]
        chosen = [item for item in data.getlist("chosen") if isinstance(item, str)]
        form = cls(values=values, chosen=chosen, uploads=uploads)
        form.submission = values.get("submission", "")[:64] or form.submission
        return form

    def text(self, name: str) -> str:
        """As typed, with plain line ends; empty if the field is missing."""
        return self.values.get(name, "")

    def line(self, name: str) -> str:
        """One line without blanks around it."""
        return " ".join(self.text(name).split())

    def number(self, name: str) -> int | None:
        """A whole number, None for an empty field. Raises InvalidError."""
        text = self.line(name)
        if not text:
            return None
        if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 9:
            raise InvalidError(N_("Write a whole number."), field=name)
        return int(text)

    def needed_number(self, name: str) -> int:
        number = self.number(name)
        if number is None:
            raise InvalidError(N_("Write a whole number."), field=name)
        return number

    def moment(self, name: str, zone: ZoneInfo) -> datetime:
        """A local date, with or without a time of day (then 09:00). Raises InvalidError."""
        text = self.line(name)
        try:
            moment = datetime.fromisoformat(text if "T" in text or " " in text else f"{text}T09:00")
        except ValueError:
            raise InvalidError(N_("Choose a date and a time."), field=name) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def refuse(self, error: DeskError, t: Translator) -> "Form":
        """Put the refusal beside its field, or above the form."""
        name = error.field if isinstance(error, InvalidError) else ""
        self.reasons = reasons_of(error, t)
        self.is_overtaken = isinstance(error, GoneOnError)
        if name:
            self.errors[name] = text_of(error, t)
        else:
            self.notice = text_of(error, t)
        return self


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
