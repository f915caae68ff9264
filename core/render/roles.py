"""What the roles of the desk are called."""

from collections.abc import Mapping

from core.i18n import N_
from core.rules.permissions import Role

ROLE_WORDS: Mapping[Role, str] = {
    Role.TECHNICIAN: N_("Technician"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.BILLING: N_("Billing clerk"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.AUDITOR: N_("Auditor (reads only)"),
}
