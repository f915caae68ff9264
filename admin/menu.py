"""Where one can go in the panel: what the bar shows, and what stands in its menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import N_
from core.rules.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry; ``name`` is what a page sets as ``here``, ``icon`` a symbol of ``static/icons.svg``."""

    name: str
    path: str
    title: str
    icon: str
    needs: Permission


# what one goes to all day stands in the bar
DAILY: Sequence[Place] = (
    Place("queue", "/", N_("Tickets"), "inbox", Permission.SEE_TICKETS),
    Place("new", "/tickets/new", N_("New ticket"), "circle-plus", Permission.OPEN_TICKET),
    Place("companies", "/companies", N_("Companies"), "building-2", Permission.SEE_COMPANY),
    Place("billing", "/billing", N_("Billing"), "receipt", Permission.SEE_LEDGER),
    Place("reports", "/reports", N_("Reports"), "chart-column", Permission.SEE_REPORTS),
    Place("deliveries", "/deliveries", N_("Deliveries"), "send", Permission.SEE_DELIVERIES),
)

# the rest stands in the menu beside one's name; on a phone all of it does
SELDOM: Sequence[Place] = (
    Place("settings", "/settings", N_("Settings"), "settings", Permission.SEE_SETTINGS),
    Place("audit", "/audit", N_("Audit"), "shield-check", Permission.SEE_AUDIT),
    Place("technicians", "/technicians", N_("Technicians"), "users", Permission.SEE_TECHNICIANS),
)
