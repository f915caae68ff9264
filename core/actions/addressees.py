"""Whom a ticket of the desk is for: one of the company's people, all of them, or whoever follows its tickets."""

from dataclasses import dataclass

from core.db import ReadSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Company, Person
from core.queries import persons

EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Addressees:
    """``person``: it is opened on their behalf. ``also``: ids of persons who are told as if it were theirs."""

    person: Person | None = None
    also: tuple[int, ...] = ()


FOLLOWERS = Addressees()


async def choose(session: ReadSession, company: Company, wanted: str) -> Addressees:
    """``wanted``: the id of a binding, ``all``, or empty for who follows the company. Raises InvalidError."""
    if not wanted:
        return FOLLOWERS
    verified = await persons.verified(session, company.id)
    if wanted == EVERYBODY:
        return Addressees(also=tuple(sorted(binding.person_id for binding in verified)))
    chosen = next((binding.person for binding in verified if str(binding.id) == wanted), None)
    if chosen is None:
        raise InvalidError(N_("Choose one of the verified persons of this company."), field="told")
    return Addressees(person=chosen)
