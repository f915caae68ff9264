"""The articles of a conversation, drawn: most are those of a moment ago, and read by several colleagues."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment

from admin.panel import Visit
from core.i18n import Translator
from core.models import Ticket
from core.queries.dossier import Dossier, Push, merged
from core.queries.thread import Said

KEPT = 1000  # articles, a few kilobytes each


@dataclass(frozen=True, slots=True)
class _Shown:
    """All that the words of an article follow from: while it is the same, so are they.

    ``is_open``: a request that waits for its answer; ``token``: of the form that takes it back, empty where it stays.
    """

    article: Said
    pushes: Sequence[Push]
    number: int
    is_own: bool
    is_open: bool
    is_late_edit: bool
    token: str


def draw(visit: Visit, ticket: Ticket, dossier: Dossier, retractable: Collection[int]) -> Mapping[int, str]:
    """The articles as HTML, by their position; ``retractable`` are those the reader may take back."""
    return {
        article.position: _drawn(
            visit.panel.templates,
            visit.t,
            _Shown(
                article,
                tuple(merged(dossier.pushes.get(article.id, ()))),
                ticket.number,
                is_own=article.technician_id == visit.technician.id,
                is_open=article.id == ticket.request_id,
                is_late_edit=article.id in dossier.edited_after_answer,
                token=visit.csrf_token if article.position in retractable else "",
            ),
        )
        for article in dossier.articles
    }


@lru_cache(KEPT)
def _drawn(templates: Environment, t: Translator, shown: _Shown) -> str:
    """The template gets nothing else, so that what is kept cannot be out of date."""
    article = shown.article
    return templates.get_template("ticket/_article.html").render(
        t=t, plural=t.plural, shown=shown, article=article, pushes=shown.pushes
    )
