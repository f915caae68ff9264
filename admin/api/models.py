"""What the API takes and gives. Times carry their offset, minutes are integers, a RUC is text."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.models import ArticleKind, Channel, DeliveryState, FileState
from core.rules.closures import CallOutcome, Closure, Refusal
from core.rules.services import Service
from core.rules.states import State, WaitingFor


class Wanted(BaseModel):
    """A request: unknown fields are refused, so that a typing error is not an order."""

    model_config = ConfigDict(extra="forbid")


class CompanyName(BaseModel):
    ruc: str = Field(examples=["0992345678001"])
    name: str


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
    text: str
    created_at: datetime
    attachments: list[File]
    deliveries: list[Delivery]


class CallOut(BaseModel):
    outcome: CallOutcome
    phone: str | None
    at: datetime
    technician: str


class TimeOut(BaseModel):
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
    charged_minutes: int
    technical_hours_issued: int
    at: datetime
    technician: str
    report_ready: bool


class TicketOut(TicketLine):
    """A ticket with everything that hangs on it."""

    product: str
    assignee: str | None = Field(description="user name of the technician")
    responsible: str | None = Field(description="user name; only while pending")
    remind_at: datetime | None
    verified: bool = Field(description="whether the customer who opened it had proved who they are")
    articles: list[ArticleOut]
    calls: list[CallOut]
    time_entries: list[TimeOut]
    closures: list[ClosingOut]


class NewTicket(Wanted):
    """A ticket for a customer; it starts open. Development has one product, which may be left out."""

    ruc: str = Field(examples=["0992345678001"])
    service: Service
    product: str = Field(default="", examples=["SaciJava"])
    subject: str
    text: str


class NewArticle(Wanted):
    kind: Literal["reply", "request", "note"]
    text: str = ""


class NewPending(Wanted):
    remind_at: AwareDatetime = Field(examples=["2027-01-11T10:00:00-05:00"])
    responsible: str = Field(description="user name of a technician")


class NewCall(Wanted):
    outcome: CallOutcome
    phone: str | None = None
    at: AwareDatetime | None = None


class NewTime(Wanted):
    minutes: Annotated[int, Field(strict=True)]
    note: str = ""


class NewClosure(Wanted):
    """``minutes`` is the ticket's total since it was last opened."""

    closure: Closure
    cause: str = ""
    solution: str = ""
    minutes: Annotated[int, Field(strict=True)] | None = None
    overdraft: bool = False
    split: bool = False


class Consequence(BaseModel):
    """What a closing does, or would do; refused: nothing, and why."""

    charged_minutes: int
    bag_before: int
    bag_after: int
    technical_hours_issued: int
    purchased_before: int | None
    purchased_after: int | None
    refused: list[Refusal]
