"""Builds the bytes of a mail: headers that cannot be injected, text and HTML, files as they are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail; ``media_type`` such as ``application/pdf``."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything a mail says. ``html`` may be empty: then it is plain text alone.

    ``inline``: the pictures the HTML shows, by the id it names them with (``cid:…``).
    """

    message_id: str
    sender: Address
    to: Sequence[Address]
    reply_to: Address | None
    at: datetime
    subject: str
    text: str
    html: str
    files: Sequence[Attached]
    inline: Mapping[str, Attached] = field(default_factory=dict)


def address(text: str) -> Address:
    """An address, with or without a name before it, as SMTP servers of any age take it.

    A domain beyond ASCII goes as Punycode. Raises ValueError for what is none.
    """
    _refuse_controls(text)
    name, mailbox = parseaddr(text)
    user, _, domain = mailbox.rpartition("@")
    if not user or not domain or not user.isascii():
        raise ValueError("this is no e-mail address")
    try:
        return Address(display_name=name, username=user, domain=domain.encode("idna").decode("ascii"))
    except (MessageError, IndexError) as error:
        raise ValueError("this is no e-mail address") from error


def compose(letter: Letter) -> bytes:
    """The mail ready for DATA. Raises ValueError where a header would hold a line break or a control."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(letter.at)
    message["From"] = letter.sender
    message["To"] = tuple(letter.to)
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = _header(letter.subject)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange does not look at Auto-Submitted
    message.set_content(_whole(letter.text), cte="quoted-printable")
    if letter.html:
        message.add_alternative(_whole(letter.html), subtype="html", cte="quoted-printable")
        _add_inline(message, letter.inline)
    for file in letter.files:
        maintype, _, subtype = _header(file.media_type).partition("/")
        message.add_attachment(
            file.content, maintype=maintype, subtype=subtype or "octet-stream", filename=_header(file.name)
        )
    return message.as_bytes()


def _add_inline(message: EmailMessage, pictures: Mapping[str, Attached]) -> None:
    """Pictures beside the HTML that shows them, so that no reader lists them among the attachments."""
    html = message.get_body(("html",))
    assert html is not None, "it was added just before"
    for name, file in pictures.items():
        maintype, _, subtype = _header(file.media_type).partition("/")
        html.add_related(
            file.content,
            maintype=maintype,
            subtype=subtype,
            cid=f"<{_header(name)}>",
            filename=_header(file.name),
            disposition="inline",
        )


def _header(text: str) -> str:
    _refuse_controls(text)
    return _whole(text)


def _refuse_controls(text: str) -> None:
    if any(sign < " " or "\x7f" <= sign <= "\x9f" or sign in "\u2028\u2029" for sign in text):
        raise ValueError("a header holds no line break and no control character")


def _whole(text: str) -> str:
    """Half a surrogate pair is no character and cannot be encoded."""
    return text.encode("utf-8", "replace").decode("utf-8")
