"""The lines of the queue, drawn: most are those of a moment ago, and of the colleagues' queue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from jinja2 import Environment

from admin.panel import Visit
from core.i18n import Translator
from core.models import Ticket
from core.queries.queue import Line
from core.queries.queue_rows import TicketRow
from core.rules.calendar import Calendar
from core.rules.states import State, WaitingFor

COUNTED = timedelta(days=45)  # of a longer wait the date says enough
KEPT = 2000  # lines, about a kilobyte each


class _Shown(NamedTuple):
    """All that the words of a line follow from: while it is the same, so are they.

    ``waited``: minutes of office time for us; ``agreed``: the moment of a call, ``is_late`` once that has passed;
    ``is_chosen`` is None where nothing can be chosen; ``place``: what the links to the ticket carry.
    """

    line: Line
    waited: int | None
    agreed: datetime | None
    is_late: bool
    is_due: bool
    is_chosen: bool | None
    place: str

    @property
    def tick(self) -> str:
        return ticked(self.line.ticket, self.line.ticket.last_event)


def ticked(ticket: Ticket | TicketRow, last_event: int | None) -> str:
    """What the tick of a line says: the ticket and how far it was shown."""
    return f"{ticket.number}:{ticket.version}:{last_event or 0}:{ticket.articles_count}"


def draw(
    visit: Visit,
    lines: Sequence[Line],
    *,
    place: str,
    moment: datetime,
    calendar: Calendar,
    agreed: Mapping[int, datetime],
    chosen: Collection[str] | None,
) -> list[str]:
    """The rows of the table as HTML. ``place``: the filters, as a query, which the links to the tickets carry.

    ``agreed``: calls by the id of their ticket; ``chosen``: what was ``ticked``, None where the reader may do nothing
    with a ticket.
    """
    shown = []
    for line in lines:
        call = agreed.get(line.ticket.id)
        shown.append(
            _Shown(
                line,
                _waited(line, moment, calendar),
                call,
                is_late=call is not None and call < moment,
                is_due=_is_due(line, moment, calendar),
                is_chosen=None if chosen is None else ticked(line.ticket, line.ticket.last_event) in chosen,
                place=place,
            )
        )
    return [_drawn(visit.panel.templates, visit.t, one) for one in shown]


@lru_cache(KEPT)
def _drawn(templates: Environment, t: Translator, shown: _Shown) -> str:
    """The template gets nothing else, so that what is kept cannot be out of date."""
    return templates.get_template("queue/_line.html").render(t=t, shown=shown)


def _waited(line: Line, moment: datetime, calendar: Calendar) -> int | None:
    is_counted = line.waiting_for is WaitingFor.DESK and moment - line.since < COUNTED
    return calendar.minutes_between(line.since, moment) if is_counted else None


def _is_due(line: Line, moment: datetime, calendar: Calendar) -> bool:
    """Whether the reminder of a pending ticket comes today or came before."""
    remind_at = line.ticket.remind_at if line.ticket.state is State.PENDING else None
    return remind_at is not None and calendar.date_of(remind_at) <= calendar.date_of(moment)
