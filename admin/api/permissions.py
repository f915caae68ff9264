"""Every call and the permission it needs: one that is not in the table does not start."""

from collections.abc import Collection, Mapping

from core.rules.permissions import Permission

_TICKET, _COMPANY = "/tickets/{number}", "/companies/{ruc}"

NEEDS: Mapping[tuple[str, str], Permission] = {
    ("GET", "/tickets"): Permission.SEE_TICKETS,
    ("POST", "/tickets"): Permission.OPEN_TICKET,
    ("GET", _TICKET): Permission.SEE_TICKETS,
    ("POST", f"{_TICKET}/articles"): Permission.NOTE,  # what is no note needs more, by its kind
    ("POST", f"{_TICKET}/articles/{{article}}/retract"): Permission.RETRACT,
    ("GET", f"{_TICKET}/files/{{id}}"): Permission.SEE_TICKETS,
    ("POST", f"{_TICKET}/take"): Permission.TAKE,
    ("POST", f"{_TICKET}/assign"): Permission.ASSIGN,
    ("POST", f"{_TICKET}/reopen"): Permission.REOPEN,
    ("POST", f"{_TICKET}/pending"): Permission.SET_PENDING,
    ("POST", f"{_TICKET}/resume"): Permission.SET_PENDING,
    ("POST", f"{_TICKET}/calls"): Permission.LOG_CALL,
    ("POST", f"{_TICKET}/time"): Permission.LOG_TIME,
    ("POST", f"{_TICKET}/time/{{id}}/correction"): Permission.LOG_TIME,
    ("POST", f"{_TICKET}/timer/start"): Permission.LOG_TIME,
    ("POST", f"{_TICKET}/timer/{{id}}/stop"): Permission.LOG_TIME,
    ("GET", "/timers"): Permission.LOG_TIME,
    ("POST", f"{_TICKET}/closure/preview"): Permission.CLOSE,
    ("POST", f"{_TICKET}/closure"): Permission.CLOSE,
    ("POST", f"{_TICKET}/reclassify"): Permission.RECLASSIFY,
    ("GET", f"{_TICKET}/report.pdf"): Permission.SEE_TICKETS,
    ("POST", f"{_TICKET}/links"): Permission.LINK_TICKETS,
    ("DELETE", f"{_TICKET}/links/{{other}}"): Permission.LINK_TICKETS,
    ("POST", f"{_TICKET}/merge"): Permission.MERGE_TICKETS,
    ("POST", f"{_TICKET}/service"): Permission.CHANGE_SERVICE,
    ("GET", "/companies"): Permission.SEE_COMPANY,
    ("POST", "/companies"): Permission.EDIT_COMPANY,
    ("GET", _COMPANY): Permission.SEE_COMPANY,
    ("POST", f"{_COMPANY}/invitations"): Permission.INVITE,
    ("POST", f"{_COMPANY}/password-reset"): Permission.RESET_PASSWORD,
    ("GET", f"{_COMPANY}/ledger"): Permission.SEE_LEDGER,
    ("GET", f"{_COMPANY}/statement"): Permission.SEE_LEDGER,
    ("POST", f"{_COMPANY}/purchased-hours"): Permission.BUY_HOURS,
    ("GET", "/technical-hours"): Permission.SEE_LEDGER,
    ("POST", "/technical-hours/{id}/invoice"): Permission.INVOICE,
    ("GET", "/deliveries"): Permission.SEE_DELIVERIES,
    ("POST", "/deliveries/{id}/retry"): Permission.RETRY_DELIVERY,
    ("GET", "/webhooks"): Permission.SEE_SETTINGS,
    ("POST", "/webhooks"): Permission.EDIT_SETTINGS,
    ("DELETE", "/webhooks/{id}"): Permission.EDIT_SETTINGS,
}


def needed(methods: Collection[str], path: str) -> Permission:
    """Raises ValueError for a call that does not say who may make it."""
    (method,) = methods
    if (method, path) not in NEEDS:
        raise ValueError(f"{method} {path} does not say who may call it")
    return NEEDS[method, path]
