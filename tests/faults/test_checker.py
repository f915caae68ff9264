"""A checker that cannot fail proves nothing: each test spoils a small clean run in one way."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.models import (
    Article,
    ArticleKind,
    Attachment,
    Binding,
    Channel,
    Company,
    DeliveryAttempt,
    DeliveryState,
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
)
from core.rules.closures import Closure
from core.rules.identity import Level
from core.rules.ledger import Account, LineKind
from core.rules.notices import Follows
from tests.faults.checker import check
from tests.faults.evidence import Evidence
from tests.faults.findings import Kind
from tests.faults.told import Answered, Closed, Opened, Replied, Told

ADA, RUC = 3001, "0992345678001"
THEN = datetime(2026, 3, 2, 15, tzinfo=UTC)
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
            attempts=[DeliveryAttempt(id=n, outbox_id=n, outcome="sent") for n in (1, 2, 3, 4)],
            companies=[Company(id=1, ruc=RUC)],
            people=[Person(id=1, telegram_id=ADA)],
            bindings=[Binding(person_id=1, company_id=1, level=Level.VERIFIED, follows=Follows.OWN)],
            tickets=[Ticket(id=1, number=1001, company_id=1, opened_by_id=1, subject="No imprime", articles_count=4)],
            articles=[
                article(1, ArticleKind.CUSTOMER, "Sale en blanco"),
                article(2, ArticleKind.CUSTOMER, "Sí, está encendida"),
                article(3, ArticleKind.REPLY, "¿Está encendida?"),
                article(4, ArticleKind.NOTE, "NOTA es el cable"),
            ],
            attachments=[Attachment(id=1, article_id=1, name="foto.png", state=FileState.STORED, sha256=PHOTO)],
            closures=[
                TicketClosure(id=1, ticket_id=1, closure=Closure.INVOICED, real_minutes=80, cause="Cable suelto")
            ],
            ledger=[
                LedgerLine(company_id=1, account=Account.BAG, kind=LineKind.CLOSURE, minutes=80, closure_id=1),
                LedgerLine(company_id=1, account=Account.BAG, kind=LineKind.HOUR_ISSUED, minutes=-60),
            ],
            hour_parts=[TechnicalHourPart(technical_hour_id=1, closure_id=1, minutes=60)],
            reports=[Report(id=1, closure_id=1, pdf_sha256=PDF)],
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
            DeliveryAttempt(id=90 + n, outbox_id=1, outcome=outcome) for n, outcome in enumerate(outcomes)
        ]


PUSH = "#1001 ¿Está encendida?"
MARKED = f"{PUSH}\n(posible repetición)"


def no_row(case: Case) -> None:
    case.found.inbox.pop()


def open_row(case: Case) -> None:
    case.found.inbox[0].state = InboxState.NEW


def no_ticket(case: Case) -> None:
    case.told.opened.append(Opened(ADA, "Otro", "Texto"))


def two_tickets(case: Case) -> None:
    case.found.tickets.append(
        Ticket(id=2, number=1002, company_id=1, opened_by_id=1, subject="No imprime", articles_count=0)
    )


def lost_words(case: Case) -> None:
    case.found.articles[0].text = "Sale en"


def lost_answer(case: Case) -> None:
    case.told.answered.append(Answered(ADA, 0, "Otra cosa"))


def two_answers(case: Case) -> None:
    case.found.articles.append(article(5, ArticleKind.CUSTOMER, "Sí, está encendida"))
    case.found.tickets[0].articles_count = 5


def two_replies(case: Case) -> None:
    case.found.articles[1].kind, case.found.articles[1].text = ArticleKind.NOTE, "NOTA es el cable"
    case.told.answered.clear()


def lost_file(case: Case) -> None:
    case.found.attachments.clear()


def other_bytes(case: Case) -> None:
    case.found.stored[PHOTO] = PDF


def waiting_file(case: Case) -> None:
    case.found.attachments[0].state = FileState.PENDING


def no_push(case: Case) -> None:
    case.found.outbox[0].article_id = None


def push_not_in_chat(case: Case) -> None:
    case.found.chats[ADA].pop(0)


def stuck_push(case: Case) -> None:
    case.found.outbox[0].state = DeliveryState.SENDING


def three_copies(case: Case) -> None:
    case.tries("doubtful", "doubtful")
    case.again(6, MARKED)
    case.again(7, MARKED)


def copy_without_try(case: Case) -> None:
    case.again(6, MARKED)


def copy_without_mark(case: Case) -> None:
    case.tries("doubtful")
    case.again(6, PUSH)


def file_copy_without_mark(case: Case) -> None:
    """A file has no words of its own: the mark is its caption."""
    case.tries("doubtful")
    case.found.outbox[0].payload = {"document": {"name": "guia.pdf"}}
    case.found.chats[ADA][0]["document"] = {"file_name": "guia.pdf"}
    case.found.journal[1]["params"] = {"chat_id": ADA}
    case.again(6, "")
    case.found.chats[ADA][-1]["document"] = {"file_name": "guia.pdf"}


def cut_copy_without_mark(case: Case) -> None:
    long = f"#1001 {'¿Está encendida? ' * 20}"
    case.tries("doubtful")
    case.found.outbox[0].payload = {"text": long}
    case.found.journal[1]["params"] = {"chat_id": ADA, "text": long[:200]}
    case.found.chats[ADA][0]["text"] = long
    case.again(6, long[:200])
    case.found.chats[ADA][-1]["text"] = long


def out_of_order(case: Case) -> None:
    case.found.journal[1]["n"] = 9


def note_in_chat(case: Case) -> None:
    case.found.chats[ADA][1]["text"] = "NOTA es el cable"


def note_in_mail(case: Case) -> None:
    case.found.mails[0]["html"] = "<p>NOTA es"


def foreign_chat(case: Case) -> None:
    case.told.companies[ADA] = "1790012345001"


def other_pdf_in_mail(case: Case) -> None:
    case.found.mails[0]["attachments"] = [{"sha256": PHOTO}]


def charged_twice(case: Case) -> None:
    case.found.ledger.append(case.found.ledger[0])


def hour_missing(case: Case) -> None:
    case.found.ledger.pop()


def closing_lost(case: Case) -> None:
    case.told.closed.append(Closed(1001, "warranty", 0, "Otra causa"))


def report_not_drawn(case: Case) -> None:
    case.found.reports[0].pdf_sha256 = None


def gave_up(case: Case) -> None:
    case.told.complaints.append("Ada waited in vain")


SPOILED: tuple[tuple[Callable[[Case], None], Kind], ...] = (
    (no_row, Kind.LOST),
    (open_row, Kind.STUCK),
    (no_ticket, Kind.LOST),
    (two_tickets, Kind.DOUBLED_TICKET),
    (lost_words, Kind.LOST),
    (lost_answer, Kind.LOST),
    (two_answers, Kind.DOUBLED_ARTICLE),
    (two_replies, Kind.DOUBLED_ARTICLE),
    (lost_file, Kind.LOST),
    (other_bytes, Kind.LOST),
    (waiting_file, Kind.STUCK),
    (no_push, Kind.LOST),
    (push_not_in_chat, Kind.LOST),
    (stuck_push, Kind.STUCK),
    (three_copies, Kind.COPIES),
    (copy_without_try, Kind.COPIES),
    (copy_without_mark, Kind.OTHER),
    (file_copy_without_mark, Kind.OTHER),
    (cut_copy_without_mark, Kind.OTHER),
    (out_of_order, Kind.INVERSION),
    (note_in_chat, Kind.OTHER),
    (note_in_mail, Kind.OTHER),
    (foreign_chat, Kind.OTHER),
    (other_pdf_in_mail, Kind.OTHER),
    (charged_twice, Kind.OTHER),
    (hour_missing, Kind.OTHER),
    (closing_lost, Kind.LOST),
    (report_not_drawn, Kind.STUCK),
    (gave_up, Kind.LOST),
)


def test_a_clean_run_is_clean():
    case = Case()
    verdict = check(case.found, case.told)
    assert verdict.is_clean, str(verdict)


def test_a_second_copy_that_is_marked_and_explained_is_allowed():
    case = Case()
    case.tries("doubtful")
    case.again(6, MARKED)
    assert not case.kinds()


def test_who_followed_the_company_before_the_article_must_be_told_too():
    case = Case()
    follows = {"company_id": 1, "level": Level.VERIFIED, "follows": Follows.COMPANY}
    case.found.people.append(Person(id=2, telegram_id=3002))
    case.found.bindings.append(Binding(person_id=2, verified_at=THEN - timedelta(seconds=1), **follows))
    assert case.kinds() == {Kind.LOST}
    case.found.bindings[1].verified_at = THEN + timedelta(seconds=1)
    assert not case.kinds()


@pytest.mark.parametrize(("spoil", "kind"), SPOILED, ids=[spoil.__name__ for spoil, _ in SPOILED])
def test_what_is_wrong_is_found_under_its_name(spoil: Callable[[Case], None], kind: Kind):
    case = Case()
    spoil(case)
    assert kind in case.kinds()
