"""What the people of a kill test have said and done, and were told was taken: the truth the checker holds up."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sent:
    """A file as somebody sent it."""

    name: str
    content: bytes
    kind: str = "document"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Opened:
    """A ticket a customer wrote: every word in order, every file by its hash."""

    chat: int
    subject: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """What a customer wrote to a ticket that exists, 0: to whichever; the files are one album."""

    chat: int
    number: int
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replied:
    """A technician's article, ``is_note`` an internal one."""

    number: int
    text: str
    files: tuple[str, ...] = ()
    is_note: bool = False


@dataclass(frozen=True)
class Retracted:
    """An answer of the desk that a technician took back, by its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Closed:
    number: int
    closure: str
    minutes: int
    cause: str


@dataclass
class Told:
    """Everything of one run. ``companies``: chat → RUC; ``left``: a chat for each log-out; ``complaints``: who gave
    up waiting for what;
    ``canaries``: what it is → a secret that must stand nowhere."""

    companies: dict[int, str] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    replied: list[Replied] = field(default_factory=list)
    retracted: list[Retracted] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    update_ids: list[int] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    canaries: dict[str, str] = field(default_factory=dict)
    is_clock_right: bool = True

    def tally(self) -> dict[str, int]:
        return {
            "tickets": len(self.opened),
            "answers": len(self.answered),
            "replies": len(self.replied),
            "retractions": len(self.retracted),
            "closings": len(self.closed),
            "log-outs": len(self.left),
        }
