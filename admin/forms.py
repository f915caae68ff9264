"""What a form brought, and how it comes back when it is refused: nothing typed is lost."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message

from admin import csrf, uploads
from admin.errors import TooLargeError, reasons_of, text_of
from admin.panel import Visit
from core.actions import submissions
from core.actions.collisions import GoneOnError
from core.actions.writing import NewFile
from core.db import WriteSession
from core.errors import DeskError, InvalidError, SentBeforeError
from core.i18n import N_, Translator
from core.models import Technician
from core.queries.meanwhile import Meanwhile, Seen
from core.rules.periods import MEANT

T = TypeVar("T")

SMALL = 64 * 1024  # a form without files, from somebody we do not know
TEXT = 2 * 1024 * 1024  # a form without files
LARGE = 200 * 1024 * 1024  # beyond this not even the text of the form is read
MAX_PART = 1024 * 1024

# What a page knows of itself: it goes on while somebody types, and is no word of theirs.
OF_THE_PAGE = frozenset({"csrf", "since", "read", "seen", "seen_bag", "place"})


@asynccontextmanager
async def opened(request: Request, *, cap: int) -> AsyncIterator[FormData]:
    """The fields of a request of at most ``cap`` bytes; its files are there until the end. Raises TooLargeError."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > cap:
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
        return Form.of(data, to=request.url.path)


async def signed(request: Request, visit: Visit, *, cap: int = TEXT) -> "Form":
    """The same of somebody who is logged in. Raises StrangerError, too, where the session's token is missing."""
    form = await read(request, cap=cap)
    csrf.check_token(form.text("csrf"), visit.csrf_token)
    return form


@asynccontextmanager
async def with_files(request: Request, visit: Visit, *, cap: int = LARGE) -> AsyncIterator["Form"]:
    """A signed form whose files can be read until the end; ``files`` are those that a refused one had brought before.

    Raises TooLargeError, StrangerError.
    """
    async with opened(request, cap=cap) as data:
        form = Form.of(data, to=request.url.path)
        csrf.check_token(form.text("csrf"), visit.csrf_token)
        form.files = uploads.kept(visit.panel, data)
        yield form


async def carry_out(
    visit: Visit,
    form: "Form",
    act: Callable[[WriteSession, Technician], Awaitable[T]],
    *,
    again: Callable[[WriteSession], Awaitable[T]] | None = None,
) -> T | None:
    """Do what the form asks for: once, however often it is sent, and anew where the database broke it off.

    Where it was done before: what ``again`` reads of how it ended, None without it. Other words under the same id – a
    page that was stopped, changed and sent – are another form. Raises what these raise, and BusyError.
    """

    async def once(session: WriteSession) -> T | None:
        # the visit's technician belongs to an earlier session
        actor = await session.get_one(Technician, visit.technician.id)
        if await submissions.is_first(session, actor, form.key):
            return await act(session, actor)
        return await again(session) if again else None

    return await visit.database.carry_out(once)


async def was_done(visit: Visit, form: "Form") -> bool:
    """Whether the form was sent before and has done its work."""
    async with visit.database.read() as session:
        return await submissions.was_sent(session, visit.technician, form.key)


@dataclass
class Form:
    """One form of a page: its fields, lines ticked, what is wrong, and the id that makes sending it idempotent."""

    values: Mapping[str, str] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    reasons: Sequence[str] = ()
    is_overtaken: bool = False  # refused only because others have written meanwhile
    meanwhile: Meanwhile | None = None  # of a form that came back: what others did since its page was drawn
    files: Sequence[NewFile] = ()
    uploads: Sequence[UploadFile] = ()
    submission: str = field(default_factory=submissions.new_submission)
    key: str = ""  # the submission and all that was sent with it
    words: str = ""  # what it says and asks for, whichever lines are ticked

    @classmethod
    def of(cls, data: FormData, *, to: str) -> "Form":
        values = {name: _plain(value) for name, value in data.items() if isinstance(value, str)}
        uploads = [item for item in data.getlist("files") if isinstance(item, UploadFile) and item.filename]
        chosen = [item for item in data.getlist("chosen") if isinstance(item, str)]
        form = cls(values=values, chosen=chosen, uploads=uploads)
        form.submission = values.get("submission", "")[:64] or form.submission
        brought = [
            (name, item if isinstance(item, str) else (item.filename, item.size))
            for name, item in data.multi_items()
            if name not in OF_THE_PAGE
        ]
        form.key = _digest(form.submission, to, brought)
        form.words = _digest(to, [one for one in brought if one[0] != "chosen"])
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

    def seen(self) -> Seen | None:
        """How far its page showed the ticket; None where it does not say."""
        try:
            event, article = self.number("since"), self.number("read")
        except InvalidError:
            return None
        return None if event is None or article is None else Seen(event, article)

    def moment(self, name: str, zone: ZoneInfo) -> datetime:
        """A local date, with or without a time of day (then 09:00). Raises InvalidError."""
        text = self.line(name)
        try:
            moment = datetime.fromisoformat(text if "T" in text or " " in text else f"{text}T09:00")
        except ValueError:
            raise InvalidError(N_("Choose a date and a time."), field=name) from None
        if moment.year not in MEANT:
            raise InvalidError(N_("Choose a date and a time."), field=name)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def refuse(self, error: DeskError, t: Translator) -> "Form":
        """Put the refusal beside its field, or above the form."""
        name = error.field if isinstance(error, InvalidError) else ""
        self.reasons = reasons_of(error, t)
        self.is_overtaken = isinstance(error, GoneOnError)
        if isinstance(error, SentBeforeError):
            self.submission = submissions.new_submission()
        if name:
            self.errors[name] = text_of(error, t)
        else:
            self.notice = text_of(error, t)
        return self


def _digest(*what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()


def whole(text: str) -> int | None:
    """A number of an address, None for anything else and for more than a database keeps."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
