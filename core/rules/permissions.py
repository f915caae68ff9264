"""Who of the desk may do what: one grid of roles and permissions."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a user of the panel is employed for."""

    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One thing somebody may do; the ones that only read begin with `see_`."""

    SEE_TICKETS = "see_tickets"
    SEE_COMPANY = "see_company"
    SEE_LEDGER = "see_ledger"
    SEE_DELIVERIES = "see_deliveries"
    SEE_REPORTS = "see_reports"
    SEE_AUDIT = "see_audit"
    SEE_SETTINGS = "see_settings"
    SEE_TECHNICIANS = "see_technicians"

    OPEN_TICKET = "open_ticket"
    ANSWER = "answer"
    NOTE = "note"
    TAKE = "take"
    ASSIGN = "assign"
    SET_PENDING = "set_pending"
    LOG_CALL = "log_call"
    LOG_TIME = "log_time"
    CORRECT_TIME = "correct_time"
    CLOSE = "close"
    RETRACT = "retract"
    LINK_TICKETS = "link_tickets"
    MERGE_TICKETS = "merge_tickets"
    CHANGE_SERVICE = "change_service"
    REOPEN = "reopen"
    OVERDRAFT = "overdraft"
    RECLASSIFY = "reclassify"

    INVITE = "invite"
    APPROVE_PERSON = "approve_person"
    REVOKE_PERSON = "revoke_person"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a permission
    EDIT_COMPANY = "edit_company"

    BUY_HOURS = "buy_hours"
    INVOICE = "invoice"

    RETRY_DELIVERY = "retry_delivery"
    EDIT_CANNED_ANSWERS = "edit_canned_answers"
    EDIT_SETTINGS = "edit_settings"
    EDIT_TECHNICIANS = "edit_technicians"


READS: frozenset[Permission] = frozenset(
    permission for permission in Permission if permission.value.startswith("see_")
)

_TICKET_WORK: frozenset[Permission] = frozenset(
    {
        Permission.OPEN_TICKET,
        Permission.ANSWER,
        Permission.NOTE,
        Permission.TAKE,
        Permission.ASSIGN,
        Permission.SET_PENDING,
        Permission.LOG_CALL,
        Permission.LOG_TIME,
        Permission.CLOSE,
        Permission.RETRACT,
        Permission.LINK_TICKETS,
        Permission.MERGE_TICKETS,
        Permission.CHANGE_SERVICE,
        Permission.INVITE,
        Permission.APPROVE_PERSON,
    }
)

_TECHNICIAN: frozenset[Permission] = _TICKET_WORK | {
    Permission.SEE_TICKETS,
    Permission.SEE_COMPANY,
    Permission.SEE_LEDGER,
    Permission.SEE_DELIVERIES,
}

_SUPERVISOR: frozenset[Permission] = _TECHNICIAN | {
    Permission.SEE_AUDIT,
    Permission.SEE_SETTINGS,
    Permission.SEE_TECHNICIANS,
    Permission.REOPEN,
    Permission.OVERDRAFT,
    Permission.RECLASSIFY,
    Permission.CORRECT_TIME,
    Permission.RESET_PASSWORD,
    Permission.REVOKE_PERSON,
    Permission.EDIT_COMPANY,
    Permission.SEE_REPORTS,
    Permission.RETRY_DELIVERY,
    Permission.EDIT_CANNED_ANSWERS,
}

GRID: Mapping[Role, frozenset[Permission]] = {
    Role.TECHNICIAN: _TECHNICIAN,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.BILLING: frozenset(
        {
            Permission.SEE_TICKETS,
            Permission.SEE_COMPANY,
            Permission.SEE_LEDGER,
            Permission.SEE_DELIVERIES,
            Permission.SEE_REPORTS,
            Permission.NOTE,
            Permission.BUY_HOURS,
            Permission.INVOICE,
        }
    ),
    Role.ADMINISTRATOR: frozenset(Permission),  # a desk of one person has to work
    Role.AUDITOR: READS,
}


def allows(role: Role, permission: Permission) -> bool:
    """Whether the role may do this."""
    return permission in GRID[role]
