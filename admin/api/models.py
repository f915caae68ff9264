"""What the API takes and gives. Times carry their offset, minutes are integers, a RUC is text."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from admin.api.call_models import AppointmentOut, CallOut
from admin.api.fields import Line, Moment, Text, Whole
from core.models import ArticleKind, Channel, DeliveryState, FileState
from core.rules.calls import CallOutcome
from core.rules.closures import Closure
from core.rules.identity import Level, Proof
from core.rules.merging import MergeRefusal
from core.rules.refusals import Refusal
from core.rules.reopening import ReopenRefusal
from core.rules.requests import Asks
from core.rules.retraction import RetractRefusal
from core.rules.services import Service
from core.rules.states import State, WaitingFor

StateFilter = Literal[
    "new", "open", "pending", "warranty", "implementation", "unsuccessful", "invoiced", "merged", "closed"
]


class Wanted(BaseModel):
    """A request: unknown fields are refused, so that a typing error is not an order."""

    model_config = ConfigDict(extra="forbid")


class CompanyName(BaseModel):
    ruc: str = Field(examples=["0992345678001"])
    name: str


class PersonOut(BaseModel):
    """Somebody who acts for the company in a chat. ``frozen``: stopped until the desk decides."""

    id: int
    name: str
    level: Level
    proof: Proof
    since: datetime
    last_seen_at: datetime | None
    reachable: bool = Field(description="false while the person has blocked the bot")
    frozen: bool
    contact_person: bool


class CompanyOut(CompanyName):
    emails: list[str]
    phones: list[str]
    persons: list[PersonOut]


class InvitationOut(BaseModel):
    """A one-time link; it is shown this once, and never again."""

    link: str = Field(examples=["https://t.me/saci_bot?start=…"])
    expires_at: datetime


class TicketLine(BaseModel):
    """A ticket in a list."""

    number: int = Field(examples=[1042])
    subject: str
    state: State
    service: Service
    company: CompanyName
    created_at: datetime
    updated_at: datetime
    waiting_for: WaitingFor


class TicketPage(BaseModel):
    """``next`` is what to pass as ``after`` for the next page, null on the last one."""

    items: list[TicketLine]
    next: str | None


class Author(BaseModel):
    kind: Literal["customer", "technician", "desk"]
    name: str


class File(BaseModel):
    id: int
    name: str
    media_type: str
    size: int | None = Field(description="bytes; null while it is not known")
    state: FileState


class Delivery(BaseModel):
    channel: Channel
    state: DeliveryState


class ArticleOut(BaseModel):
    """``number`` counts from 1 within its ticket. A note never has deliveries."""

    number: int
    author: Author
    kind: ArticleKind
    asks: Asks | None = Field(description="what a request is for; null for every other kind")
    text: str
    created_at: datetime
    attachments: list[File]
    deliveries: list[Delivery]
    retracted_at: datetime | None = Field(description="when it was taken back; customers no longer see it")


class TimeOut(BaseModel):
    id: int
    minutes: int
    note: str
    at: datetime
    technician: str


class ClosingOut(BaseModel):
    """The n-th closing of the ticket as it was decided."""

    number: int
    closure: Closure
    cause: str
    solution: str
    real_minutes: int
    carried_minutes: int = Field(description="worked before a reopening, charged with this closing")
    charged_minutes: int
    bag_before: int
    bag_after: int
    technical_hours_issued: int
    purchased_before: int | None
    purchased_after: int | None
    at: datetime
    technician: str
    report_ready: bool
    rating: int | None = Field(description="1 to 5, as the customer said; null while there is none")
    rating_comment: str


class ServiceOut(BaseModel):
    service: Service
    product: str
    at: datetime = Field(description="when the customer was asked")


class TicketOut(TicketLine):
    """A ticket with everything that hangs on it."""

    product: str
    assignee: str | None = Field(description="user name of the technician")
    responsible: str | None = Field(description="user name; only while pending")
    remind_at: datetime | None
    verified: bool = Field(description="whether the customer who opened it had proved who they are")
    on_behalf_of: str | None = Field(description="name of the person for whom the desk opened it")
    articles: list[ArticleOut]
    calls: list[CallOut]
    appointments: list[AppointmentOut]
    time_entries: list[TimeOut]
    closures: list[ClosingOut]
    linked: list[int] = Field(description="numbers of the ticket it goes on with and of those that go on with it")
    links: list[int] = Field(description="numbers of tickets that technicians linked with it; no customer sees them")
    merged_into: int | None = Field(description="number of the ticket it became part of; only where it is merged")
    merged: list[int] = Field(description="numbers of the tickets that became part of it")
    service_asked: ServiceOut | None = Field(description="the change that waits for the customer's word")
    close_asked_at: datetime | None = Field(description="when the customer asked to close it")
    asks: Asks | None = Field(description="what the open request is for; null while nothing is asked of the customer")
    request: int | None = Field(description="number of the article that is the open request")
    version: int = Field(description="another one after every change")


class Filter(Wanted):
    """Which tickets; what is left out does not narrow."""

    state: StateFilter | None = Field(
        default=None, description="closed stands for the four closures and merged together"
    )
    company: Line | None = Field(default=None, description="RUC", examples=["0992345678001"])
    assignee: Line | None = Field(default=None, description="user name, or none for tickets nobody has taken")
    q: Line = Field(default="", description="a number, or words of subject, company name or RUC")
    after: Line | None = Field(default=None, description="the next of the page before")
    per_page: int = Field(default=25, ge=1, le=100)


def _as_text(value: object) -> object:
    """An id may be written as the number it is."""
    return str(value) if type(value) is int else value


class NewTicket(Wanted):
    """A ticket for a customer; it starts open. Development has one product, which may be left out.

    ``told``: the id of one of the company's verified persons, on whose behalf it is then opened; ``all`` of them;
    or empty for those who follow all of its tickets. ``note`` is an internal note to go with it.
    """

    ruc: Line = Field(examples=["0992345678001"])
    service: Service
    product: Line = Field(default="", description="the label in the settings", examples=["SaciJava"])
    subject: Line = Field(description="at most 120 characters", examples=["No imprime facturas"])
    text: Text = Field(examples=["Llamó la contadora: la factura sale en blanco."])
    told: Annotated[Line, BeforeValidator(_as_text)] = Field(default="", examples=["12", "all"])
    note: Text = ""


class NewArticle(Wanted):
    """A reply or a request is pushed to the customer; a note stays at the desk. Without text it needs files.

    A request stays before the customer until it is answered; for a time, a file or a code it has words of its own.
    """

    kind: Literal["reply", "request", "note"]
    asks: Asks | None = Field(default=None, description="what a request is for; other unless given")
    text: Text = Field(default="", examples=["¿Está encendida la impresora?"])


class NewAssignee(Wanted):
    assignee: Line | None = Field(
        description="user name of somebody who answers tickets, null for nobody", examples=["ines"]
    )


class NewPending(Wanted):
    remind_at: Moment = Field(description="ahead, at most a year", examples=["2027-01-11T10:00:00-05:00"])
    responsible: Line = Field(description="user name of a technician of Development", examples=["dora"])


class NewCall(Wanted):
    outcome: CallOutcome = Field(description="connected: the technician got onto the machine")
    phone: Line | None = Field(default=None, examples=["0991234567"])
    at: Moment | None = Field(default=None, description="now unless given", examples=["2027-01-11T09:30:00-05:00"])


class NewTime(Wanted):
    minutes: Whole = Field(description="1 or more", examples=[12])
    note: Line = Field(default="", examples=["Revisión del formato"])


class NewClosure(Wanted):
    """Words and minutes may be missing in a preview; the closing itself is refused without them."""

    closure: Closure
    cause: Text = Field(default="", examples=["Formato de impresión cambiado por el usuario"])
    solution: Text = Field(default="", examples=["Se restauró el formato."])
    minutes: Whole | None = Field(
        default=None, description="the ticket's total since it was last opened; 0 is allowed", examples=[12]
    )
    overdraft: bool = Field(
        default=False,
        strict=True,
        description="where the purchased hours do not suffice: owe them (supervisors only)",
    )
    split: bool = Field(
        default=False, strict=True, description="where the purchased hours do not suffice: the rest is invoiced"
    )
    reason: Text = Field(default="", description="only to reclassify, and needed there where the minutes change")


class Consequence(BaseModel):
    """What a closing does, or would do; refused: why it does nothing.

    Where only words are missing a preview says what the closing will do once they are written.
    """

    charged_minutes: int
    bag_before: int
    bag_after: int
    technical_hours_issued: int
    purchased_before: int | None
    purchased_after: int | None
    refused: list[Refusal]


class FieldError(BaseModel):
    field: str = Field(examples=["minutes"])
    detail: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457); nothing was changed."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str = Field(description="a sentence for people, in the language of the desk")
    errors: list[FieldError] | None = Field(default=None, description="the fields to mend")
    reasons: list[Refusal | ReopenRefusal | MergeRefusal | RetractRefusal] | None = Field(
        default=None, description="all that stands against it, as codes"
    )
    explanations: list[str] | None = Field(default=None, description="the reasons in words")
