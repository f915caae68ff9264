"""The desk writes down what it says often."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.desk_settings import Fields, refuse_stale
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import CannedAnswer, Technician
from core.queries import canned
from core.rules.canned import TEXT_LONGEST, TITLE_LONGEST, is_shortcut, unknown
from core.rules.permissions import Permission
from core.rules.services import Service


@dataclass(frozen=True, slots=True)
class Wording:
    """An answer as its form says it; ``texts`` by language."""

    title: str
    shortcut: str
    texts: Mapping[str, str]
    service: Service | None = None
    is_enabled: bool = True


async def add(session: WriteSession, actor: Technician, wording: Wording) -> CannedAnswer:
    """Raises InvalidError, ForbiddenError."""
    authorize(actor, Permission.EDIT_CANNED_ANSWERS)
    await _check(session, wording)
    answer = CannedAnswer(**_columns(wording))
    session.add(answer)
    await session.flush()
    audit.record(session, actor, "canned_answer.added", on=f"canned answer {answer.id}", **_columns(wording))
    return answer


async def edit(
    session: WriteSession, actor: Technician, answer: CannedAnswer, wording: Wording, *, seen: Fields
) -> None:
    """Say an answer, which is locked, differently, or offer it no more.

    ``seen``: what it replaces, as ``written`` says it. Raises InvalidError, StaleError, ForbiddenError.
    """
    authorize(actor, Permission.EDIT_CANNED_ANSWERS)
    refuse_stale(seen, written(answer))
    await _check(session, wording, besides=answer.id)
    before = {name: getattr(answer, name) for name in _columns(wording)}
    changes = {name: [before[name], value] for name, value in _columns(wording).items() if before[name] != value}
    if not changes:
        return
    for name, (_, value) in changes.items():
        setattr(answer, name, value)
    await session.flush()
    audit.record(session, actor, "canned_answer.changed", on=f"canned answer {answer.id}", changes=changes)


def written(answer: CannedAnswer) -> Fields:
    """The answer as its form has it; a language without a text is left out."""
    return {
        "title": answer.title,
        "shortcut": answer.shortcut,
        "service": answer.service or "",
        "is_enabled": "on" if answer.is_enabled else "",
        **{f"text_{language}": text for language, text in answer.texts.items()},
    }


def _columns(wording: Wording) -> dict[str, object]:
    return {
        "title": wording.title,
        "shortcut": wording.shortcut,
        "texts": {language: text for language, text in wording.texts.items() if text.strip()},
        "service": wording.service,
        "is_enabled": wording.is_enabled,
    }


async def _check(session: WriteSession, wording: Wording, *, besides: int | None = None) -> None:
    if not 0 < len(wording.title) <= TITLE_LONGEST:
        raise InvalidError(N_("Write a title of at most %(n)s characters."), field="title", n=TITLE_LONGEST)
    if not is_shortcut(wording.shortcut):
        raise InvalidError(N_("Write 2 to 30 small letters, digits or hyphens, without the slash."), field="shortcut")
    if await canned.has_shortcut(session, wording.shortcut, besides=besides):
        raise InvalidError(N_("Another answer has this shortcut."), field="shortcut")
    if not any(text.strip() for text in wording.texts.values()):
        raise InvalidError(N_("Write a text."), field="text_es")
    for language, text in wording.texts.items():
        if len(text) > TEXT_LONGEST:
            raise InvalidError(
                N_("The text is too long: at most %(n)s characters."), field=f"text_{language}", n=TEXT_LONGEST
            )
        if names := unknown(text):
            raise InvalidError(
                N_("There is no variable “%(name)s”."), field=f"text_{language}", name="{{" + names[0] + "}}"
            )
