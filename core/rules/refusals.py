"""Why a closing is refused."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a closing is refused: a code, other layers have the words."""

    ALREADY_CLOSED = "already_closed"
    NOT_FOR_SERVICE = "not_for_service"
    TOO_FEW_CALLS = "too_few_calls"
    CALL_CONNECTED = "call_connected"
    BALANCE_UNKNOWN = "balance_unknown"
    TOO_FEW_PURCHASED = "too_few_purchased"
    OVERDRAFT_FORBIDDEN = "overdraft_forbidden"
    SAME_CLOSURE = "same_closure"
    TIMER_RUNNING = "timer_running"
    CAUSE_MISSING = "cause_missing"
    SOLUTION_MISSING = "solution_missing"
    REASON_MISSING = "reason_missing"
    MINUTES_MISSING = "minutes_missing"
    MINUTES_NEGATIVE = "minutes_negative"
    MINUTES_TOO_MANY = "minutes_too_many"
    MINUTES_BELOW_RECORDED = "minutes_below_recorded"
    MINUTES_BELOW_TIMER = "minutes_below_timer"
    HOUR_INVOICED = "hour_invoiced"


WORDS_MISSING: frozenset[Refusal] = frozenset(
    {Refusal.CAUSE_MISSING, Refusal.SOLUTION_MISSING, Refusal.REASON_MISSING}
)
