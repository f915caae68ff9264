"""The words of the office for every code of the domain: marked for the catalogs, translated where they are shown."""

from collections.abc import Mapping

from core.i18n import N_
from core.rules.calls import CallOutcome
from core.rules.closures import Closure
from core.rules.identity import PasswordFlaw, Proof
from core.rules.merging import MergeRefusal
from core.rules.notices import Notice
from core.rules.refusals import Refusal
from core.rules.reopening import ReopenRefusal
from core.rules.services import Service
from core.rules.states import State, WaitingFor

PROOF_WORDS: Mapping[Proof, str] = {
    Proof.INITIAL_PASSWORD: N_("with the RUC"),
    Proof.PASSWORD: N_("with the password"),
    Proof.PHONE: N_("with the phone number on record"),
    Proof.INVITATION: N_("with an invitation of the desk"),
    Proof.APPROVAL: N_("approved by a technician"),
    Proof.EMAIL: N_("with a code by e-mail"),
}

STATE_WORDS: Mapping[State, str] = {
    State.NEW: N_("New"),
    State.OPEN: N_("Open"),
    State.PENDING: N_("Pending reminder"),
    State.WARRANTY: N_("Closed under warranty"),
    State.IMPLEMENTATION: N_("Closed as implementation"),
    State.UNSUCCESSFUL: N_("Closed without success"),
    State.INVOICED: N_("Closed and invoiced"),
    State.MERGED: N_("Joined to another ticket"),
}

CLOSURE_CAUSES: Mapping[Closure, str] = {
    Closure.WARRANTY: N_("Fault in the system"),
    Closure.IMPLEMENTATION: N_("Implementation of the system"),
    Closure.UNSUCCESSFUL: N_("The machine given could not be reached"),
    Closure.INVOICED: N_("Fault of the user"),
}

OUTCOME_WORDS: Mapping[CallOutcome, str] = {
    CallOutcome.NO_ANSWER: N_("No answer"),
    CallOutcome.BUSY: N_("Busy"),
    CallOutcome.WRONG_NUMBER: N_("Wrong number"),
    CallOutcome.ANSWERED_NO_ACCESS: N_("Answered, no access to the machine"),
    CallOutcome.CONNECTED: N_("Connected to the machine"),
}

SERVICE_WORDS: Mapping[Service, str] = {
    Service.SUPPORT: N_("Technical support"),
    Service.DEVELOPMENT: N_("Development request"),
}

WAITING_WORDS: Mapping[WaitingFor, str] = {
    WaitingFor.DESK: N_("The customer waits for the desk"),
    WaitingFor.CUSTOMER: N_("The desk waits for the customer"),
    WaitingFor.NONE: N_("Nobody waits"),
}

REFUSAL_WORDS: Mapping[Refusal, str] = {
    Refusal.ALREADY_CLOSED: N_("The ticket is closed already."),
    Refusal.NOT_FOR_SERVICE: N_("This service does not close this way."),
    Refusal.TOO_FEW_CALLS: N_("There are too few call attempts since the ticket was last opened."),
    Refusal.CALL_CONNECTED: N_("One of the calls got onto the machine."),
    Refusal.BALANCE_UNKNOWN: N_("The company has no purchased hours on record."),
    Refusal.TOO_FEW_PURCHASED: N_("The purchased hours do not suffice."),
    Refusal.OVERDRAFT_FORBIDDEN: N_("Only a supervisor may let the purchased hours run below zero."),
    Refusal.SAME_CLOSURE: N_("The ticket is closed like this already, with these minutes."),
    Refusal.TIMER_RUNNING: N_("A colleague's timer is running on this ticket: it has to be stopped first."),
    Refusal.CAUSE_MISSING: N_("Write the cause."),
    Refusal.SOLUTION_MISSING: N_("Write the solution."),
    Refusal.REASON_MISSING: N_("Write why the minutes change."),
    Refusal.MINUTES_MISSING: N_("Write the minutes; 0 is allowed."),
    Refusal.MINUTES_NEGATIVE: N_("The minutes cannot be negative."),
    Refusal.MINUTES_TOO_MANY: N_("These are more minutes than a month has."),
    Refusal.MINUTES_BELOW_RECORDED: N_("These are fewer minutes than were recorded: correct the time entries."),
    Refusal.MINUTES_BELOW_TIMER: N_("Your timer is running and has counted more: enter all minutes, or stop it."),
    Refusal.HOUR_INVOICED: N_("The technical hour of this closing has been invoiced."),
}

REOPEN_REFUSAL_WORDS: Mapping[ReopenRefusal, str] = {
    ReopenRefusal.NOT_CLOSED: N_("The ticket is not closed."),
    ReopenRefusal.GRACE_OVER: N_("It was closed too long ago to be reopened. A new ticket can go on with it."),
    ReopenRefusal.HOUR_INVOICED: N_("It has been invoiced and cannot be reopened. A new ticket can go on with it."),
}

MERGE_REFUSAL_WORDS: Mapping[MergeRefusal, str] = {
    MergeRefusal.SAME_TICKET: N_("This is the number of this very ticket."),
    MergeRefusal.OTHER_COMPANY: N_("That ticket is of another company: only tickets of one company can be joined."),
    MergeRefusal.CLOSED: N_("The ticket is closed; nothing was changed."),
    MergeRefusal.TARGET_CLOSED: N_("That ticket is closed: nothing can go on there."),
    MergeRefusal.HAS_CLOSINGS: N_("This ticket was closed before and has its own report: link it instead."),
    MergeRefusal.TIMER_RUNNING: N_("A timer is running on this ticket: stop it first."),
    MergeRefusal.OPENER_UNVERIFIED: N_(
        "One of the two was opened from a chat without verification, which must not see the other: link it instead."
    ),
    MergeRefusal.WORKED_BEFORE: N_(
        "There are times or calls from before that ticket was reopened, which it would not count: link it instead."
    ),
}

# What a push says to whoever lets it show the number only; about the company there are no such pushes.
NOTICE_WORDS: Mapping[Notice, str] = {
    Notice.TICKET_OPENED: N_("there is a new ticket"),
    Notice.OPENED_BY_DESK: N_("we have opened a ticket for you"),
    Notice.ARTICLE: N_("there is an answer"),
    Notice.COLLEAGUE_WROTE: N_("a colleague has written"),
    Notice.ARTICLE_RETRACTED: N_("an answer has been taken back"),
    Notice.REQUEST: N_("we need something from you"),
    Notice.REQUEST_REMINDER: N_("we are still waiting for your answer"),
    Notice.STATE_CHANGED: N_("the state has changed"),
    Notice.SERVICE_CHANGED: N_("the service has changed"),
    Notice.CLOSED: N_("the ticket is closed"),
    Notice.REOPENED: N_("the ticket is open again"),
}

# Keyed by the values of core.models.DeliveryState: what is rendered knows no tables.
DELIVERY_WORDS: Mapping[str, str] = {
    "queued": N_("queued"),
    "sending": N_("queued"),
    "sent": N_("sent"),
    "uncertain": N_("in doubt"),
    "parked": N_("blocked"),
    "dead": N_("failed"),
    "held": N_("held"),
    "cancelled": N_("cancelled"),
}

PASSWORD_FLAW_WORDS: Mapping[PasswordFlaw, str] = {
    PasswordFlaw.TOO_SHORT: N_("The password needs at least 8 characters."),
    PasswordFlaw.TOO_LONG: N_("The password may have 128 characters at most."),
    PasswordFlaw.IS_RUC: N_("The password may not be the RUC."),
    PasswordFlaw.PART_OF_RUC: N_("The password may not be a part of the RUC."),
    PasswordFlaw.COMPANY_NAME: N_("The password may not be the name of the company."),
    PasswordFlaw.TOO_COMMON: N_("Too many people use this password: choose another."),
}

# Setting of the desk's policy → what it is called, what it does.
POLICY_WORDS: Mapping[str, tuple[str, str]] = {
    "minimum_minutes": (
        N_("Minimum minutes of an invoiced ticket"),
        N_("A closed and invoiced ticket counts at least so many minutes, once, not again when reopened."),
    ),
    "calls_needed": (
        N_("Calls before closing without success"),
        N_("So many call attempts must be on record since the ticket was last opened."),
    ),
    "grace_days": (
        N_("Days in which a customer may reopen"),
        N_("Counted from the closing; afterwards the customer opens a new ticket."),
    ),
    "low_balance_minutes": (
        N_("Low balance of purchased hours, in minutes"),
        N_("As the purchased hours fall to this, the desk sees a mark and the company is told once."),
    ),
    "files_mandatory": (
        N_("A new ticket needs a file"),
        N_("The chat asks for at least one photo or document and does not offer to go on without."),
    ),
}
