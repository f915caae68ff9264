"""Who works here."""

from collections.abc import Sequence

from admin.pages import technicians
from admin.routes.page import SESSION, TOKEN, Page
from core.rules.permissions import Permission

_TECHNICIAN = "/technicians/{id:number}"

PAGES: Sequence[Page] = (
    Page("GET", "/technicians", technicians.show, Permission.SEE_TECHNICIANS),
    Page("POST", "/technicians", technicians.add, Permission.EDIT_TECHNICIANS),
    Page("GET", _TECHNICIAN, technicians.show_one, Permission.SEE_TECHNICIANS),
    Page("POST", _TECHNICIAN, technicians.save, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/setup-link", technicians.give_link, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/disable", technicians.disable, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/enable", technicians.enable, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/second-factor/reset", technicians.reset_second_factor, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/{SESSION}/end", technicians.end_session, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/{TOKEN}/revoke", technicians.revoke_token, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/sessions/revoke", technicians.revoke_sessions, Permission.EDIT_TECHNICIANS),
)
