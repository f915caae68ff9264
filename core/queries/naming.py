"""Which company somebody means by its RUC, or by words of its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import ReadSession
from core.errors import InvalidError, NotFoundError
from core.i18n import N_
from core.models import Company
from core.queries import company_card
from core.rules.identity import read_ruc

FOUND = 20  # companies shown of those that have the words


@dataclass(frozen=True, slots=True)
class Meant:
    """One company, or some to choose from; nothing where nothing was written."""

    company: Company | None = None
    candidates: Sequence[Company] = ()
    has_more: bool = False


async def meant(session: ReadSession, text: str) -> Meant:
    ruc = read_ruc(text)
    if ruc is None:
        page = await company_card.search(session, text, limit=FOUND) if text else company_card.CompanyPage([], "")
        if len(page.companies) != 1:
            return Meant(candidates=page.companies, has_more=bool(page.next))
        ruc = page.companies[0].ruc
    try:
        return Meant(await company_card.by_ruc(session, ruc))
    except NotFoundError:
        return Meant()


def refusal(found: Meant, text: str) -> InvalidError:
    """Why the text names no company, for the field ``company``."""
    if found.candidates:
        return InvalidError(N_("Several companies have this name: choose one."), field="company")
    if read_ruc(text) is not None:
        return InvalidError(N_("No company has this RUC."), field="company")
    return InvalidError(N_("Write the RUC or the name of a company on record."), field="company")
