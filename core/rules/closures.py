"""The four closures of a ticket, and the one place that decides whether and how it closes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.rules.calls import CallOutcome
from core.rules.ledger import pour
from core.rules.refusals import Refusal
from core.rules.services import Service
from core.rules.states import State, can_move

MINUTES_LIMIT = 31 * 24 * 60  # a month day and night: more is a slip of the finger
TIMER_GRACE = 5  # minutes: what one's own timer counts while the form is filled in need not be in it


class Closure(StrEnum):
    """How a ticket closes; the values are those of the states it leads to."""

    WARRANTY = "warranty"
    IMPLEMENTATION = "implementation"
    UNSUCCESSFUL = "unsuccessful"
    INVOICED = "invoiced"

    @property
    def state(self) -> State:
        """The state a ticket has after this closure."""
        return State(self.value)


class Shortfall(StrEnum):
    """What to do where the purchased hours do not suffice: owe them, or have the rest invoiced."""

    OVERDRAFT = "overdraft"
    SPLIT = "split"


FREE: frozenset[Closure] = frozenset({Closure.WARRANTY, Closure.UNSUCCESSFUL})  # these charge nothing

NEVER: Mapping[Service, frozenset[Closure]] = {
    Service.SUPPORT: frozenset(),
    Service.DEVELOPMENT: frozenset({Closure.WARRANTY}),
}

NEEDS_SOLUTION: Mapping[Closure, bool] = {
    Closure.WARRANTY: True,
    Closure.IMPLEMENTATION: True,
    Closure.UNSUCCESSFUL: False,  # nothing was solved
    Closure.INVOICED: True,
}


def default_legal() -> Mapping[Service, frozenset[Closure]]:
    """The closures each service may have until the desk decides otherwise."""
    return {Service.SUPPORT: frozenset(Closure), Service.DEVELOPMENT: frozenset({Closure.INVOICED})}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the desk may set about closing; minutes and counts are >= 0, else ValueError."""

    minimum_minutes: int = 15
    calls_needed: int = 2
    legal: Mapping[Service, frozenset[Closure]] = field(default_factory=default_legal)

    def __post_init__(self) -> None:
        if self.minimum_minutes < 0 or self.calls_needed < 0:
            raise ValueError("minimum minutes and calls needed are not negative")

    def permits(self, service: Service, closure: Closure) -> bool:
        """Whether the service may close so; no setting makes legal what NEVER forbids."""
        return closure in self.legal.get(service, frozenset()) - NEVER[service]


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """What is known of a ticket and its company when it is about to close; all times in minutes.

    `recorded_minutes` and `calls` count since the ticket was last opened. `carried_minutes` are the real minutes of
    charged closures of this ticket that a reopening has reversed: the next one charges them, so that the minimum
    holds once per ticket and no work is given away – or waives them, where it is free. `bag` is 0..59. `purchased` is
    what is left of the purchased hours, None while nobody knows. `may_overdraw`: who closes may let them run below
    zero. `timed_minutes`: what the own timer of who closes has counted and no entry holds yet. `others_timing`: a
    colleague's timer runs on the ticket. `replaced` is the closure a correction takes back; the balances are those
    after that, and `is_invoiced` says that it cannot be.
    """

    service: Service
    state: State
    recorded_minutes: int
    calls: tuple[CallOutcome, ...]
    bag: int
    purchased: int | None
    carried_minutes: int = 0
    may_overdraw: bool = False
    timed_minutes: int = 0
    others_timing: bool = False
    replaced: Closure | None = None
    is_invoiced: bool = False
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class ClosureRequest:
    """What the form says; `minutes` is the total since the ticket was last opened, None if left empty.

    `shortfall` matters only where the purchased hours do not suffice, `reason` where a correction changes minutes.
    """

    closure: Closure
    cause: str
    solution: str
    minutes: int | None
    shortfall: Shortfall | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClosurePlan:
    """What closing does, in minutes and hours, or why it is refused (then nothing changes: before = after).

    `surplus_minutes` becomes a time entry; below 0, entries are corrected by so much. `carried_minutes` were worked
    before a reopening and are charged with the real ones. `charged_minutes` are added to the bag (invoiced), debited
    from the purchased minutes (implementation), or divided between the two (split); the other closures charge 0, and
    no later one charges the `waived_minutes` from before the reopening.
    """

    closure: Closure
    real_minutes: int
    surplus_minutes: int
    charged_minutes: int
    bag_before: int
    bag_after: int
    technical_hours_issued: int
    purchased_before: int | None
    purchased_after: int | None
    refused: tuple[Refusal, ...]
    carried_minutes: int = 0
    waived_minutes: int = 0

    @property
    def is_legal(self) -> bool:
        """Whether the ticket may close so."""
        return not self.refused

    @property
    def debited_minutes(self) -> int | None:
        """What the purchased hours give, None where they are not touched."""
        if self.closure is not Closure.IMPLEMENTATION or self.purchased_before is None:
            return None
        return self.purchased_before - (self.purchased_after or 0)

    @property
    def bagged_minutes(self) -> int | None:
        """What goes into the bag, None where it is not touched."""
        if self.closure is Closure.INVOICED:
            return self.charged_minutes
        return self.charged_minutes - (self.debited_minutes or 0) or None

    @property
    def is_overdraft(self) -> bool:
        """Whether the purchased hours run below zero by this closing."""
        return bool(self.debited_minutes) and (self.purchased_after or 0) < 0


def plan_closure(facts: ClosingFacts, request: ClosureRequest) -> ClosurePlan:
    """Decide a closing: its consequence, or every reason against it. Never raises for an illegal one."""
    real = facts.recorded_minutes if request.minutes is None else request.minutes
    refused = (
        *_structural(facts, request.closure, real, request.shortfall),
        *_words(request),
        *_minutes(facts, request.minutes),
        *_correction(facts, request),
    )
    nothing = _unchanged(facts, request.closure, real)
    if refused:
        return replace(nothing, refused=refused)
    legal = replace(nothing, surplus_minutes=real - facts.recorded_minutes)
    if request.closure in FREE:
        return replace(legal, waived_minutes=facts.carried_minutes)
    worked = facts.carried_minutes + real
    charging = replace(legal, carried_minutes=facts.carried_minutes)
    if request.closure is Closure.INVOICED:
        return _invoice(charging, max(facts.policy.minimum_minutes, worked))
    return _from_purchased(charging, worked, request.shortfall, minimum=facts.policy.minimum_minutes)


def preview_closure(facts: ClosingFacts, request: ClosureRequest) -> ClosurePlan:
    """Like plan_closure, but words still to be written do not hide the consequence in numbers."""
    filled = replace(request, cause="…", solution="…", reason="…")
    return replace(plan_closure(facts, filled), refused=plan_closure(facts, request).refused)


def options(facts: ClosingFacts) -> Mapping[Closure, tuple[Refusal, ...]]:
    """For each closure what stands against it whatever the form will say; an empty tuple is a legal one."""
    return {closure: _structural(facts, closure, facts.recorded_minutes, None) for closure in Closure}


def _structural(facts: ClosingFacts, closure: Closure, real: int, shortfall: Shortfall | None) -> tuple[Refusal, ...]:
    against: list[Refusal] = []
    if not can_move(facts.state, closure.state):
        against.append(Refusal.ALREADY_CLOSED)
    if facts.others_timing:
        against.append(Refusal.TIMER_RUNNING)
    if facts.is_invoiced:
        against.append(Refusal.HOUR_INVOICED)
    if not facts.policy.permits(facts.service, closure):
        against.append(Refusal.NOT_FOR_SERVICE)
    if closure is Closure.UNSUCCESSFUL:
        against += _calls(facts)
    if closure is Closure.IMPLEMENTATION:
        against += _balance(facts, facts.carried_minutes + real, shortfall)
    return tuple(against)


def _calls(facts: ClosingFacts) -> list[Refusal]:
    against: list[Refusal] = []
    if len(facts.calls) < facts.policy.calls_needed:
        against.append(Refusal.TOO_FEW_CALLS)
    if CallOutcome.CONNECTED in facts.calls:
        against.append(Refusal.CALL_CONNECTED)
    return against


def _balance(facts: ClosingFacts, worked: int, shortfall: Shortfall | None) -> list[Refusal]:
    if facts.purchased is None:
        return [Refusal.BALANCE_UNKNOWN]
    if worked <= max(facts.purchased, 0):
        return []
    if shortfall is None:
        return [Refusal.TOO_FEW_PURCHASED]
    if shortfall is Shortfall.OVERDRAFT:
        return [] if facts.may_overdraw else [Refusal.OVERDRAFT_FORBIDDEN]
    return [] if facts.policy.permits(facts.service, Closure.INVOICED) else [Refusal.NOT_FOR_SERVICE]


def _words(request: ClosureRequest) -> list[Refusal]:
    against: list[Refusal] = []
    if _is_blank(request.cause):
        against.append(Refusal.CAUSE_MISSING)
    if NEEDS_SOLUTION[request.closure] and _is_blank(request.solution):
        against.append(Refusal.SOLUTION_MISSING)
    return against


def _minutes(facts: ClosingFacts, minutes: int | None) -> list[Refusal]:
    if minutes is None:
        return [Refusal.MINUTES_MISSING]
    if minutes < 0:
        return [Refusal.MINUTES_NEGATIVE]
    if minutes > MINUTES_LIMIT:
        return [Refusal.MINUTES_TOO_MANY]
    if facts.replaced is not None:
        return []  # a correction may give fewer
    if minutes < facts.recorded_minutes:
        return [Refusal.MINUTES_BELOW_RECORDED]
    is_below = minutes + TIMER_GRACE < facts.recorded_minutes + facts.timed_minutes
    return [Refusal.MINUTES_BELOW_TIMER] if is_below else []


def _correction(facts: ClosingFacts, request: ClosureRequest) -> list[Refusal]:
    """A correction gives another kind or other minutes, and these with a reason."""
    if facts.replaced is None or request.minutes is None:
        return []
    if request.minutes == facts.recorded_minutes:
        return [Refusal.SAME_CLOSURE] if request.closure is facts.replaced else []
    return [Refusal.REASON_MISSING] if _is_blank(request.reason) else []


def _is_blank(text: str) -> bool:
    return not any(sign.isprintable() and not sign.isspace() for sign in text)


def _unchanged(facts: ClosingFacts, closure: Closure, real: int) -> ClosurePlan:
    return ClosurePlan(closure, real, 0, 0, facts.bag, facts.bag, 0, facts.purchased, facts.purchased, refused=())


def _invoice(plan: ClosurePlan, charged: int) -> ClosurePlan:
    hours, rest = pour(plan.bag_before, charged)
    return replace(plan, charged_minutes=charged, bag_after=rest, technical_hours_issued=hours)


def _from_purchased(plan: ClosurePlan, worked: int, shortfall: Shortfall | None, *, minimum: int) -> ClosurePlan:
    assert plan.purchased_before is not None, "an unknown balance was refused"
    left = max(plan.purchased_before, 0)
    if worked <= left or shortfall is not Shortfall.SPLIT:
        return replace(plan, charged_minutes=worked, purchased_after=plan.purchased_before - worked)
    # the minimum is one per ticket: what the purchased hours gave counts towards it
    charged = max(minimum, worked)
    split = replace(_invoice(plan, charged - left), charged_minutes=charged)
    return replace(split, purchased_after=plan.purchased_before - left)
