"""A small clean run as evidence: what the tests of the checker spoil."""

import hashlib
from datetime import UTC, datetime, timedelta

from core.models import (
    Article,
    ArticleKind,
    Attachment,
    AuditEntry,
    Binding,
    Channel,
    Company,
    DeliveryAttempt,
    DeliveryState,
    EventKind,
    FileState,
    InboxRow,
    InboxState,
    LedgerLine,
    OutboxRow,
    Person,
    Report,
    TechnicalHourPart,
    Ticket,
    TicketClosure,
    TicketEvent,
)
from core.rules.closures import Closure
from core.rules.identity import Level
from core.rules.ledger import Account, LineKind
from core.rules.notices import Follows
from core.rules.states import State
from tests.faults.checker import check
from tests.faults.evidence import Evidence
from tests.faults.findings import Kind
from tests.faults.told import Answered, Closed, Opened, Replied, Told

ADA, RUC = 3001, "0992345678001"
THEN, MINUTE = datetime(2026, 3, 2, 15, tzinfo=UTC), timedelta(minutes=1)
PHOTO, PDF = (hashlib.sha256(content).hexdigest() for content in (b"photo", b"report"))


def call(n: int, message_id: int, text: str) -> dict[str, object]:
    """A sendMessage as the journal has it."""
    params = {"chat_id": ADA, "text": text}
    entry = {"n": n, "method": "sendMessage", "chat_id": ADA, "params": params, "message_id": message_id}
    return entry | {"took_effect": True, "update_ids": []}


def row(row_id: int, text: str, message_id: int, **about: object) -> OutboxRow:
    return OutboxRow(
        id=row_id,
        channel=Channel.TELEGRAM,
        lane=str(ADA),
        method="sendMessage",
        payload={"text": text},
        created_at=THEN,
        state=DeliveryState.SENT,
        attempts=1,
        doubts=0,
        provider_id=str(message_id),
        **about,
    )


def article(article_id: int, kind: ArticleKind, text: str) -> Article:
    return Article(id=article_id, ticket_id=1, position=article_id, kind=kind, text=text, created_at=THEN)


class Case:
    """Ada opened a ticket with a photo and answered; Tom replied, noted and closed it for 80 minutes."""

    def __init__(self) -> None:
        self.told = Told(
            companies={ADA: RUC},
            opened=[Opened(ADA, "No imprime", "Sale en blanco", (PHOTO,))],
            answered=[Answered(ADA, 1001, "Sí, está encendida")],
            replied=[Replied(1001, "¿Está encendida?"), Replied(1001, "NOTA es el cable", is_note=True)],
            closed=[Closed(1001, "invoiced", 80, "Cable suelto")],
            update_ids=[71],
            canaries={"the key": "canario"},
        )
        texts = {1: "#1001 ¿Está encendida?", 2: "Anotado en #1001", 3: "Cerrado y facturado"}
        poll = {"n": 1, "method": "getUpdates", "chat_id": None, "params": {}, "message_id": None}
        self.found = Evidence(
            journal=[
                poll | {"took_effect": True, "update_ids": [71, 72]},
                *(call(n + 1, 500 + n, text) for n, text in texts.items()),
            ],
            chats={ADA: [{"message_id": 500 + n, "text": text} for n, text in texts.items()]},
            mails=[
                {"message_id": "<4@x>", "subject": "", "text": "", "html": "", "attachments": [{"sha256": PDF}]},
            ],
            stored={PHOTO: PHOTO, PDF: PDF},
            inbox=[InboxRow(update_id=n, state=InboxState.DONE, attempts=0) for n in (71, 72)],
            outbox=[
                row(1, texts[1], 501, article_id=3, ticket_id=1),
                row(2, texts[2], 502, ticket_id=1),
                row(3, texts[3], 503, ticket_id=1, report_id=1),
                OutboxRow(id=4, channel=Channel.EMAIL, lane="mail-1", method="mail", payload={}, report_id=1),
            ],
            attempts=[DeliveryAttempt(id=n, outbox_id=n, outcome="sent", started_at=THEN) for n in (1, 2, 3, 4)],
            companies=[Company(id=1, ruc=RUC)],
            people=[Person(id=1, telegram_id=ADA)],
            bindings=[
                Binding(person_id=1, company_id=1, level=Level.VERIFIED, follows=Follows.OWN, since=THEN - MINUTE)
            ],
            tickets=[
                Ticket(
                    id=1,
                    number=1001,
                    company_id=1,
                    opened_by_id=1,
                    subject="No imprime",
                    articles_count=4,
                    state=State.INVOICED,
                )
            ],
            articles=[
                article(1, ArticleKind.CUSTOMER, "Sale en blanco"),
                article(2, ArticleKind.CUSTOMER, "Sí, está encendida"),
                article(3, ArticleKind.REPLY, "¿Está encendida?"),
                article(4, ArticleKind.NOTE, "NOTA es el cable"),
            ],
            attachments=[Attachment(id=1, article_id=1, name="foto.png", state=FileState.STORED, sha256=PHOTO)],
            closures=[
                TicketClosure(
                    id=1, ticket_id=1, number=1, closure=Closure.INVOICED, real_minutes=80, cause="Cable suelto"
                )
            ],
            ledger=[
                LedgerLine(company_id=1, account=Account.BAG, kind=LineKind.CLOSURE, minutes=80, closure_id=1),
                LedgerLine(company_id=1, account=Account.BAG, kind=LineKind.HOUR_ISSUED, minutes=-60),
            ],
            hour_parts=[TechnicalHourPart(technical_hour_id=1, closure_id=1, minutes=60)],
            reports=[Report(id=1, closure_id=1, pdf_sha256=PDF, snapshot={"cause": "Cable suelto"}, created_at=THEN)],
            events=[
                TicketEvent(ticket_id=1, kind=EventKind.OPENED, data={}),
                TicketEvent(ticket_id=1, kind=EventKind.STATE, data={"before": "new", "after": "open"}),
                TicketEvent(ticket_id=1, kind=EventKind.CLOSED, data={"closure": 1}),
            ],
            audit=[AuditEntry(action="company.registered", object=f"company {RUC}")],
            raw={"desk.db": b"rows"},
            logs={"desk.log": "a line"},
        )
        self.found.outbox[3].state, self.found.outbox[3].provider_id = DeliveryState.SENT, "<4@x>"

    def kinds(self) -> set[Kind]:
        says = check(self.found, self.told).says
        return {kind for kind, found in says.items() if found}

    def again(self, n: int, text: str) -> None:
        """One more copy of a message arrives in the chat."""
        self.found.journal.append(call(n, 600 + n, text))
        self.found.chats[ADA].append({"message_id": 600 + n, "text": text})

    def tries(self, *outcomes: str) -> None:
        """More tries of the first push."""
        self.found.attempts += [
            DeliveryAttempt(id=90 + n, outbox_id=1, outcome=outcome, started_at=THEN)
            for n, outcome in enumerate(outcomes)
        ]
