"""Every table of the desk."""

from core.models.appointments import Appointment, AppointmentState
from core.models.audit import AuditEntry
from core.models.batched import write_together
from core.models.closures import TicketClosure
from core.models.companies import Company, CompanyEmail, CompanyPhone
from core.models.composing import CannedAnswer, Composed, Presence, ReplyDraft
from core.models.conversations import Conversation, Draft, DraftState
from core.models.health import Alarm, Beat, Heartbeat
from core.models.imports import CompanyImport, CompanyImportLine, ImportState
from core.models.ledger import Invoicing, LedgerLine, TechnicalHour, TechnicalHourPart, ToldLine
from core.models.links import TicketLink
from core.models.messaging import (
    OPEN_DELIVERIES,
    TROUBLED_DELIVERIES,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Urgency,
)
from core.models.people import IN_FORCE, Binding, LoginFailure, MutedTicket, Person, ResetRequest
from core.models.proofs import Announcement, Invitation, ProofCode
from core.models.ratings import Rating
from core.models.reports import Report
from core.models.search import WORDS_VECTOR, Search, TicketWords
from core.models.settings import Desk, DeskLogo, DeskText, HolidayChange, OfficeHours, PolicyValue, Product
from core.models.sources import Album, ArticleVersion, CustomerMessage
from core.models.staff import (
    ApiToken,
    IdempotentAnswer,
    RecoveryCode,
    SetupLink,
    StaffLoginFailure,
    StaffSession,
    Technician,
)
from core.models.staff_chats import StaffChat, StaffChatLink
from core.models.statements import StatementOrder
from core.models.subscriptions import Subscription
from core.models.tickets import (
    BY_TECHNICIANS,
    FOR_CUSTOMERS,
    Article,
    ArticleKind,
    Attachment,
    CallAttempt,
    EventKind,
    FileKind,
    FileState,
    Ticket,
    TicketEvent,
    TimeEntry,
)
from core.models.times import TimeCorrection, Timer
from core.models.turns import keep_turn
from core.models.uploads import UploadLink
from core.models.views import SavedView

__all__ = [
    "BY_TECHNICIANS",
    "FOR_CUSTOMERS",
    "IN_FORCE",
    "OPEN_DELIVERIES",
    "TROUBLED_DELIVERIES",
    "WORDS_VECTOR",
    "Alarm",
    "Album",
    "Announcement",
    "ApiToken",
    "Appointment",
    "AppointmentState",
    "Article",
    "ArticleKind",
    "ArticleVersion",
    "Attachment",
    "AuditEntry",
    "Beat",
    "Binding",
    "CallAttempt",
    "CannedAnswer",
    "Channel",
    "Company",
    "CompanyEmail",
    "CompanyImport",
    "CompanyImportLine",
    "CompanyPhone",
    "Composed",
    "Conversation",
    "CustomerMessage",
    "DeliveryAttempt",
    "DeliveryState",
    "Desk",
    "DeskLogo",
    "DeskText",
    "Draft",
    "DraftState",
    "EventKind",
    "FileKind",
    "FileState",
    "Heartbeat",
    "HolidayChange",
    "IdempotentAnswer",
    "ImportState",
    "InboxRow",
    "InboxState",
    "Invitation",
    "Invoicing",
    "LedgerLine",
    "LoginFailure",
    "MutedTicket",
    "OfficeHours",
    "OutboxRow",
    "Person",
    "PolicyValue",
    "Presence",
    "Product",
    "ProofCode",
    "Rating",
    "RecoveryCode",
    "ReplyDraft",
    "Report",
    "ResetRequest",
    "SavedView",
    "Search",
    "SetupLink",
    "StaffChat",
    "StaffChatLink",
    "StaffLoginFailure",
    "StaffSession",
    "StatementOrder",
    "Subscription",
    "TechnicalHour",
    "TechnicalHourPart",
    "Technician",
    "Ticket",
    "TicketClosure",
    "TicketEvent",
    "TicketLink",
    "TicketWords",
    "TimeCorrection",
    "TimeEntry",
    "Timer",
    "ToldLine",
    "UploadLink",
    "Urgency",
    "keep_turn",
    "write_together",
]
