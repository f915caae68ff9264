"""Who is told what, and how loud: a grid of every notice and everybody it might concern.

An internal note is no notice: there is none for it, so it cannot reach a customer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.rules.identity import Level


class Notice(StrEnum):
    """Something a customer is told of; the last four are about the company, not about a ticket."""

    TICKET_OPENED = "ticket_opened"
    OPENED_BY_DESK = "opened_by_desk"
    ARTICLE = "article"
    COLLEAGUE_WROTE = "colleague_wrote"
    ARTICLE_RETRACTED = "article_retracted"
    REQUEST = "request"
    REQUEST_REMINDER = "request_reminder"
    STATE_CHANGED = "state_changed"
    SERVICE_CHANGED = "service_changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    PERSON_ADDED = "person_added"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a notice
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a notice
    HOURS_PURCHASED = "hours_purchased"


class Follows(StrEnum):
    """What a binding wants to be told: the tickets its person opened, or all of the company."""

    OWN = "own"
    COMPANY = "company"


class Detail(StrEnum):
    """What a push shows to whoever looks at the phone: everything, or only which ticket has news."""

    FULL = "full"
    NUMBER = "number"


class Relation(StrEnum):
    """What a person is to the thing a notice is about; the first that holds counts."""

    AUTHOR = "author"  # did it
    OPENER = "opener"  # opened the ticket, verified
    FOLLOWER = "follower"  # follows the whole company, verified
    COLLEAGUE = "colleague"  # follows the own tickets only, verified
    GUEST = "guest"  # only identified; the ticket was opened from this very chat
    STRANGER = "stranger"  # only identified, and the ticket is somebody else's or from another chat


class Loudness(StrEnum):
    """How a notice reaches a chat."""

    RINGS = "rings"
    SILENT = "silent"
    NOT_TOLD = "not_told"


_RINGS, _SILENT, _ = Loudness.RINGS, Loudness.SILENT, Loudness.NOT_TOLD


def _row(*cells: Loudness) -> Mapping[Relation, Loudness]:
    return dict(zip(Relation, cells, strict=True))


GRID: Mapping[Notice, Mapping[Relation, Loudness]] = {
    #                            author opener   follower colleague guest  stranger
    Notice.TICKET_OPENED: _row(_, _SILENT, _SILENT, _, _SILENT, _),
    Notice.OPENED_BY_DESK: _row(_, _RINGS, _RINGS, _, _RINGS, _),
    Notice.ARTICLE: _row(_, _RINGS, _RINGS, _, _RINGS, _),
    Notice.COLLEAGUE_WROTE: _row(_, _RINGS, _SILENT, _, _RINGS, _),
    Notice.ARTICLE_RETRACTED: _row(_, _SILENT, _SILENT, _, _SILENT, _),
    Notice.REQUEST: _row(_, _RINGS, _RINGS, _, _RINGS, _),
    Notice.REQUEST_REMINDER: _row(_, _RINGS, _, _, _RINGS, _),
    Notice.STATE_CHANGED: _row(_, _SILENT, _SILENT, _, _SILENT, _),
    Notice.SERVICE_CHANGED: _row(_, _RINGS, _RINGS, _, _RINGS, _),
    Notice.CLOSED: _row(_, _RINGS, _RINGS, _, _RINGS, _),
    Notice.REOPENED: _row(_, _SILENT, _SILENT, _, _SILENT, _),
    Notice.PERSON_ADDED: _row(_, _RINGS, _RINGS, _RINGS, _, _),
    Notice.PASSWORD_CHANGED: _row(_, _RINGS, _RINGS, _RINGS, _, _),
    Notice.PASSWORD_RESET: _row(_, _RINGS, _RINGS, _RINGS, _, _),
    Notice.HOURS_PURCHASED: _row(_, _, _SILENT, _, _, _),
}


@dataclass(frozen=True, slots=True)
class Follower:
    """An active binding of the company: a person in a chat, how well known, and what it wants to be told."""

    person_id: int
    chat_id: int
    level: Level
    follows: Follows


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is about: who opened the ticket and from which chat, and who did the thing.

    `opener_id` and `opened_in_chat` are None for a ticket the desk opened for nobody in particular and for
    notices about the company; `author_id` is None when the desk did it. `also_opened_by` opened
    tickets that became part of it.
    """

    opener_id: int | None = None
    opened_in_chat: int | None = None
    author_id: int | None = None
    also_opened_by: Collection[int] = ()


def relation(about: About, follower: Follower) -> Relation:
    """What the person is to the thing: the column of the grid."""
    is_verified = follower.level is Level.VERIFIED
    facts: Mapping[Relation, bool] = {
        Relation.AUTHOR: follower.person_id == about.author_id,
        Relation.OPENER: is_verified and follower.person_id in {about.opener_id, *about.also_opened_by},
        Relation.FOLLOWER: is_verified and follower.follows is Follows.COMPANY,
        Relation.COLLEAGUE: is_verified,
        Relation.GUEST: follower.person_id == about.opener_id and follower.chat_id == about.opened_in_chat,
        Relation.STRANGER: True,
    }
    return next(one for one in Relation if facts[one])


def loudness(notice: Notice, about: About, *, follower: Follower, wants_silence: bool = False) -> Loudness:
    """Whether this chat is told, and how; ``wants_silence``: quiet hours, or the ticket is muted.

    Silence takes the ring away, never the message.
    """
    cell = GRID[notice][relation(about, follower)]
    return Loudness.SILENT if wants_silence and cell is Loudness.RINGS else cell
