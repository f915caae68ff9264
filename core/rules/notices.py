"""Who is told what: the notices of the desk and the chats each one goes to.

An internal note is no notice: there is none for it, so it cannot reach a customer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.rules.identity import Level


class Notice(StrEnum):
    """Something a customer is told of; the last four are about the company, not about a ticket."""

    TICKET_OPENED = "ticket_opened"
    ARTICLE = "article"
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


class Audience(StrEnum):
    """Whom a notice is for."""

    TICKET = "ticket"  # the opener, and who follows the company
    OPENER = "opener"
    VERIFIED = "verified"  # every verified person, whatever they follow
    COMPANY = "company"  # who follows the company


AUDIENCE: Mapping[Notice, Audience] = {
    Notice.TICKET_OPENED: Audience.TICKET,
    Notice.ARTICLE: Audience.TICKET,
    Notice.ARTICLE_RETRACTED: Audience.TICKET,
    Notice.REQUEST: Audience.TICKET,
    Notice.REQUEST_REMINDER: Audience.OPENER,
    Notice.STATE_CHANGED: Audience.TICKET,
    Notice.SERVICE_CHANGED: Audience.TICKET,
    Notice.CLOSED: Audience.TICKET,
    Notice.REOPENED: Audience.TICKET,
    Notice.PERSON_ADDED: Audience.VERIFIED,
    Notice.PASSWORD_CHANGED: Audience.VERIFIED,
    Notice.PASSWORD_RESET: Audience.VERIFIED,
    Notice.HOURS_PURCHASED: Audience.COMPANY,
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
    notices about the company; `author_id` is None when the desk did it.
    """

    opener_id: int | None = None
    opened_in_chat: int | None = None
    author_id: int | None = None


def recipients(notice: Notice, about: About, *, followers: Iterable[Follower]) -> tuple[int, ...]:
    """The chats to be told, each once, in the order of `followers` (the active bindings of the company).

    Never a chat of the author. A person who is only identified is told of tickets opened from that very
    chat, and of nothing else.
    """
    audience = AUDIENCE[notice]
    told = [
        follower.chat_id
        for follower in followers
        if follower.person_id != about.author_id and _is_for(audience, about, follower=follower)
    ]
    return tuple(dict.fromkeys(told))


def _is_for(audience: Audience, about: About, *, follower: Follower) -> bool:
    if follower.level is not Level.VERIFIED and follower.chat_id != about.opened_in_chat:
        return False
    is_opener = follower.person_id == about.opener_id
    follows_company = follower.level is Level.VERIFIED and follower.follows is Follows.COMPANY
    is_for: Mapping[Audience, bool] = {
        Audience.TICKET: is_opener or follows_company,
        Audience.OPENER: is_opener,
        Audience.VERIFIED: follower.level is Level.VERIFIED,
        Audience.COMPANY: follows_company,
    }
    return is_for[audience]
