"""A checker that cannot fail proves nothing: each test spoils a small clean run in one way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.models import (
    ArticleKind,
    Binding,
    Company,
    DeliveryState,
    EventKind,
    FileState,
    InboxState,
    Person,
    Ticket,
    TicketEvent,
)
from core.rules.identity import Level
from core.rules.notices import Follows
from core.rules.states import State
from tests.faults import delivery_checks
from tests.faults.case import ADA, MINUTE, PDF, PHOTO, THEN, Case, article, call
from tests.faults.checker import check
from tests.faults.findings import Kind
from tests.faults.rule_checks import limits
from tests.faults.told import Answered, Closed, Opened

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


def note_in_report(case: Case) -> None:
    case.found.reports[0].snapshot = {"articles": ["NOTA es el cable"]}


def note_in_log(case: Case) -> None:
    case.found.logs["desk.log"] = "could not save NOTA es el cable"


def not_bound_then(case: Case) -> None:
    case.found.bindings[0].since = THEN + MINUTE


def sent_after_the_end(case: Case) -> None:
    case.found.bindings[0].ended_at = THEN + MINUTE
    case.found.attempts[0].started_at = THEN + 2 * MINUTE


def list_after_the_end(case: Case) -> None:
    """About no ticket: the company's tickets, say, asked for before the log-out."""
    case.found.outbox[1].ticket_id, case.found.outbox[1].company_id = None, 1
    case.found.bindings[0].ended_at = THEN + MINUTE
    case.found.attempts[1].started_at = THEN + 2 * MINUTE


def foreign_list(case: Case) -> None:
    case.found.companies.append(Company(id=2, ruc="1790012345001"))
    case.found.outbox[1].ticket_id, case.found.outbox[1].company_id = None, 2


def secret_in_database(case: Case) -> None:
    case.found.raw["desk.db"] += b"canario"


def secret_in_log(case: Case) -> None:
    case.found.logs["desk.log"] += "the canario sings"


def secret_in_a_call(case: Case) -> None:
    case.found.journal[1]["params"] = {"text": "canario"}


def no_way_there(case: Case) -> None:
    """Invoiced at once, then opened again by nobody."""
    case.found.events.append(TicketEvent(ticket_id=1, kind=EventKind.STATE, data={"after": "pending"}))


def timeline_ends_elsewhere(case: Case) -> None:
    case.found.tickets[0].state = State.OPEN


def not_written_down(case: Case) -> None:
    case.found.audit.clear()


def written_down_twice(case: Case) -> None:
    case.found.audit *= 2


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
    (note_in_report, Kind.OTHER),
    (note_in_log, Kind.OTHER),
    (not_bound_then, Kind.OTHER),
    (sent_after_the_end, Kind.OTHER),
    (list_after_the_end, Kind.OTHER),
    (foreign_list, Kind.OTHER),
    (secret_in_database, Kind.OTHER),
    (secret_in_log, Kind.OTHER),
    (secret_in_a_call, Kind.OTHER),
    (no_way_there, Kind.OTHER),
    (timeline_ends_elsewhere, Kind.OTHER),
    (not_written_down, Kind.OTHER),
    (written_down_twice, Kind.OTHER),
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
    follows = {"company_id": 1, "level": Level.VERIFIED, "follows": Follows.COMPANY, "since": THEN - MINUTE}
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


def test_more_calls_than_the_settings_allow_are_found_wherever_they_begin():
    """One a second with a burst of three: the fourth within the first second is one too many."""
    case = Case()
    case.found.journal = [call(n, 500 + n, "x") | {"at": at} for n, at in enumerate((0, 9.0, 9.1, 9.2, 10.1, 11.2))]
    asked = {"per_second": 25, "per_chat": 1, "burst": 3}
    assert not list(limits(case.found, **asked))
    case.found.journal.append(call(7, 507, "x") | {"at": 9.3})
    assert [finding.says for finding in limits(case.found, **asked)] == ["chat 3001: 4 calls within 0.55 s"]


def test_a_copy_that_also_names_an_earlier_message_in_doubt_says_the_same():
    for words in ("Hola", "x" * 130, "x" * 160, "x" * 177, "dos\n\npárrafos"):
        copy = f"{words}\n\n{delivery_checks.NAMED} sobre #1007. {delivery_checks.REPEATED}"
        assert delivery_checks._bare(copy) == delivery_checks._bare(words)
    assert delivery_checks._bare("dos\n\npárrafos") != delivery_checks._bare("dos")
