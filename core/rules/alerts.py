"""What technicians are told on their own phone, and when: a grid of every alert and every stake in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.rules.permissions import Permission

LINK_LIVES = timedelta(hours=1)
LINK_PREFIX = "mesa_"  # tells the link of a technician from a customer's invitation
EXCERPT = 200  # characters of what a customer wrote: the rest is read in the panel


class Alert(StrEnum):
    """Something the desk's own people may want to know at once."""

    NEW_TICKET = "new_ticket"
    CUSTOMER_WROTE = "customer_wrote"
    GIVEN = "given"  # by a colleague: to do, or to answer for while it is pending
    REMINDER = "reminder"
    ALARM = "alarm"
    HOURS = "hours"


class Stake(StrEnum):
    """What a technician has to do with it; the first that holds counts."""

    ASSIGNEE = "assignee"
    RESPONSIBLE = "responsible"
    NOBODYS = "nobodys"  # the ticket has been taken by nobody
    OTHERS = "others"
    DESK = "desk"  # it is about no ticket, but about the desk


class Wish(StrEnum):
    """When one wants to be told."""

    ALWAYS = "always"
    OFFICE_HOURS = "office_hours"
    NEVER = "never"


def _row(*cells: bool) -> Mapping[Stake, bool]:
    return dict(zip(Stake, cells, strict=True))


_TOLD, _ = True, False

GRID: Mapping[Alert, Mapping[Stake, bool]] = {
    #                           assignee responsible nobodys others desk
    Alert.NEW_TICKET: _row(_, _, _TOLD, _, _),
    Alert.CUSTOMER_WROTE: _row(_TOLD, _TOLD, _, _, _),
    Alert.GIVEN: _row(_TOLD, _TOLD, _, _, _),
    Alert.REMINDER: _row(_TOLD, _TOLD, _, _, _),
    Alert.ALARM: _row(_, _, _, _, _TOLD),
    Alert.HOURS: _row(_, _, _, _, _TOLD),
}

# Who may not do anything about it is not rung for it.
NEEDS: Mapping[Alert, Permission] = {
    Alert.NEW_TICKET: Permission.TAKE,
    Alert.CUSTOMER_WROTE: Permission.SEE_TICKETS,
    Alert.GIVEN: Permission.SEE_TICKETS,
    Alert.REMINDER: Permission.SEE_TICKETS,
    Alert.ALARM: Permission.SEE_DELIVERIES,
    Alert.HOURS: Permission.BUY_HOURS,
}

WISHES: Mapping[Alert, Wish] = dict.fromkeys(Alert, Wish.OFFICE_HOURS)  # until somebody chooses


@dataclass(frozen=True, slots=True)
class Work:
    """Whose a ticket is."""

    assignee_id: int | None
    responsible_id: int | None


def stake_of(work: Work | None, technician_id: int) -> Stake:
    """What it is to this technician; None is about the desk itself."""
    if work is None:
        return Stake.DESK
    facts: Mapping[Stake, bool] = {
        Stake.ASSIGNEE: work.assignee_id == technician_id,
        Stake.RESPONSIBLE: work.responsible_id == technician_id,
        Stake.NOBODYS: work.assignee_id is None,
        Stake.OTHERS: True,
    }
    return next(stake for stake in Stake if facts.get(stake))


def is_told(alert: Alert, stake: Stake, wish: Wish, *, is_open: bool) -> bool:
    """``is_open``: the desk is, now. What is not told then is not told later: the panel shows it in the morning."""
    return GRID[alert][stake] and (wish is Wish.ALWAYS or (wish is Wish.OFFICE_HOURS and is_open))


def read_wishes(kept: Mapping[str, str]) -> dict[Alert, Wish]:
    """What somebody chose, the usual where they did not."""
    known = set(Wish)
    return {alert: Wish(kept[alert]) if kept.get(alert) in known else WISHES[alert] for alert in Alert}


def is_staff_link(payload: str) -> bool:
    """Whether the payload of /start has the form of a technician's link."""
    return payload.startswith(LINK_PREFIX)
