"""What a message says, in words: links that hide behind words, places, contacts, polls, and whose words they are."""

from collections.abc import Callable, Mapping, Sequence

from telegram import Checklist, Contact, Location, MessageEntity, MessageOrigin, Poll, Venue
from telegram.constants import MessageEntityType

from bot.update import Message
from core.i18n import Translator


def text_of(message: Message, t: Translator) -> str:
    """The text or caption with its links, or what the kind says in words; empty where there are none."""
    if message.text:
        return with_links(message.text, message.entities)
    if message.caption:
        return with_links(message.caption, message.caption_entities)
    for name, words in _WORDS.items():
        part = getattr(message, name)
        if part is not None:
            return words(part, t)
    return ""


def preface_of(message: Message, t: Translator) -> str:
    """Who said it first, and what it answers: lines to stand before the text."""
    lines = []
    if message.forward_origin is not None:
        lines.append(t("Forwarded from %(name)s:", name=_name(message.forward_origin, t)))
    if message.external_reply is not None:
        lines.append(t("In answer to %(name)s, in another chat:", name=_name(message.external_reply.origin, t)))
    if message.quote is not None and (message.quote.is_manual or message.external_reply is not None):
        lines.append(f"«{message.quote.text}»")
    return "\n".join(lines)


def with_links(text: str, entities: Sequence[MessageEntity]) -> str:
    """The text with each address that stands behind a word written after it."""
    links = [entity for entity in entities if entity.type == MessageEntityType.TEXT_LINK and entity.url]
    for entity in sorted(links, key=lambda entity: entity.offset, reverse=True):
        end = _index(text, entity.offset + entity.length)
        if str(entity.url).rstrip("/") != text[_index(text, entity.offset) : end].rstrip("/"):
            text = f"{text[:end]} ({entity.url}){text[end:]}"
    return text


def _index(text: str, units: int) -> int:
    """The index in the text of a place counted in UTF-16 units."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def _name(origin: MessageOrigin, t: Translator) -> str:
    """Each kind of origin names its author in a field of its own; a kind of later has none we know."""
    for field in ("sender_user", "sender_chat", "chat"):
        author = getattr(origin, field, None)
        if author is not None:
            return str(getattr(author, "title", None) or author.full_name or author.id)
    return str(getattr(origin, "sender_user_name", None) or t("somebody unknown"))


def _place(location: Location) -> str:
    return f"https://maps.google.com/?q={location.latitude},{location.longitude}"


def _venue(venue: Venue, _: Translator) -> str:
    return f"{venue.title}, {venue.address}\n{_place(venue.location)}"


def _location(location: Location, _: Translator) -> str:
    return _place(location)


def _contact(contact: Contact, _: Translator) -> str:
    name = f"{contact.first_name} {contact.last_name or ''}".strip()
    return f"{name} {contact.phone_number}"


def _poll(poll: Poll, t: Translator) -> str:
    options = [f"• {option.text}" for option in poll.options]
    return "\n".join([t("Poll: %(question)s", question=poll.question), *options])


def _checklist(checklist: Checklist, t: Translator) -> str:
    tasks = [f"{'☑' if task.completion_date else '☐'} {task.text}" for task in checklist.tasks]
    return "\n".join([t("Checklist: %(title)s", title=checklist.title), *tasks])


# A venue comes with its location beside it: it is looked at first.
_WORDS: Mapping[str, Callable[..., str]] = {
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _poll,
    "checklist": _checklist,
}
