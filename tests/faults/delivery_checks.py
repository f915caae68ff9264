"""What went out: every push delivered, at most twice and explained, in order, and only to whom it concerns."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.messaging.outbox import REPEATABLE, TAKEN_BACK
from core.models import (
    Article,
    ArticleKind,
    Binding,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    InboxState,
    OutboxRow,
    Ticket,
)
from core.rules.identity import Level
from core.rules.notices import Follows
from tests.faults.evidence import Evidence, Facts
from tests.faults.findings import Finding, Findings, Kind
from tests.faults.presence import has_left_since, is_there
from tests.faults.told import Told

REPEATED = "(posible repetición)"
NAMED = "Es posible que no le haya llegado un mensaje anterior"  # the line for another one in doubt
CUT = 200  # the journal keeps that much of a text
OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})
ENDED = frozenset({DeliveryState.SENT, DeliveryState.UNCERTAIN})

Words = tuple[int, str, str]


@dataclass
class Group:
    """Rows of one chat that say the same, and the calls that carried them into the chat."""

    rows: list[OutboxRow] = field(default_factory=list)
    calls: list[Facts] = field(default_factory=list)


def groups(found: Evidence) -> dict[Words, Group]:
    """Messages into chats by chat, method and words: most say something nobody else says."""
    gathered: dict[Words, Group] = defaultdict(Group)
    for row in found.outbox:
        if row.channel is Channel.TELEGRAM and row.method not in REPEATABLE:
            gathered[int(row.lane), row.method.lower(), _of_row(row)].rows.append(row)
    shown = _shown(found)
    for entry in found.journal:
        is_message = entry["method"].lower().startswith("send") and entry["message_id"]
        if is_message and entry["took_effect"]:
            words = _of_call(entry, shown.get(entry["message_id"], {}))
            gathered[entry["chat_id"], entry["method"].lower(), words].calls.append(entry)
    return gathered


def _shown(found: Evidence) -> dict[int, Facts]:
    return {message["message_id"]: message for messages in found.chats.values() for message in messages}


def _of_row(row: OutboxRow) -> str:
    payload = row.payload
    words = str(payload.get("text") or payload.get("caption") or "")
    document = payload.get("document")
    return _bare(words) or (str(document["name"]) if isinstance(document, dict) else str(document))


def _of_call(entry: Facts, message: Facts) -> str:
    words = str(entry["params"].get("text") or entry["params"].get("caption") or "")
    document = message.get("document", {})
    return _bare(words) or str(document.get("file_name"))


def _bare(words: str) -> str:
    """Without what only a second copy says, and as short as the journal keeps it when that was cut in the middle."""
    words = words[:CUT].removesuffix(REPEATED).rstrip()[: CUT - len(REPEATED) - 1].rstrip()
    said, _, last = words.rpartition("\n\n")
    return said.rstrip() if said and (last.startswith(NAMED) or NAMED.startswith(last)) else words


def ends(found: Evidence, told: Told) -> Findings:
    """I2: no delivery is open at the end, none was refused for good, every try says how it ended."""
    for row in found.outbox:
        what = f"delivery {row.id} ({row.method} to {row.lane})"
        if row.state in OPEN:
            yield Finding(Kind.STUCK, f"{what} is still {row.state} after {row.attempts} tries: {row.error}")
        elif row.state in {DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.PARKED} and not is_of_yesterday(
            row, told
        ):
            yield Finding(Kind.LOST, f"{what} is {row.state}: {row.error}")
    open_tries = [attempt.outbox_id for attempt in found.attempts if attempt.outcome is None]
    if open_tries:
        yield Finding(Kind.OTHER, f"tries of the deliveries {open_tries} never got an outcome")


def is_of_yesterday(row: OutboxRow, told: Told) -> bool:
    """By a clock put forward meanwhile a mail is a day old: that a person lets go."""
    return row.channel is Channel.EMAIL and row.state is DeliveryState.HELD and not told.is_clock_right


def pushes(found: Evidence, told: Told) -> Findings:
    """I4: every article of a technician went to everybody it concerns, with its files, while it concerns them."""
    tries = _tries(found)
    tickets = {ticket.id: ticket for ticket in found.tickets}
    for article in found.articles:
        if article.kind is not ArticleKind.REPLY:
            continue
        ticket = tickets[article.ticket_id]
        for chat, bindings in _concerned(found, ticket, article).items():
            rows = [row for row in found.outbox if row.article_id == article.id and row.lane == str(chat)]
            what = f"article {article.position} of #{ticket.number} to {chat}"
            if rows or any(is_there(binding, article.created_at, found, told) for binding in bindings):
                yield from _whole(article, rows, found, what)
            for row in rows:
                if row.state is not DeliveryState.CANCELLED:
                    yield from _delivered(row, tries[row.id], found, what)
                elif article.retracted_at is None and not has_left_since(row, bindings, told):
                    yield Finding(Kind.LOST, f"{what} was cancelled, and nobody has retracted it or logged out")


def _whole(article: Article, rows: Sequence[OutboxRow], found: Evidence, what: str) -> Findings:
    files = sum(attachment.article_id == article.id for attachment in found.attachments)
    words = sum(bool({"text", "caption"} & row.payload.keys()) for row in rows)
    documents = sum("document" in row.payload for row in rows)
    if (words, documents) != (1, files):
        yield Finding(Kind.LOST, f"{what}: {words} texts and {documents} files instead of 1 and {files}")


def _concerned(found: Evidence, ticket: Ticket, article: Article) -> dict[int, list[Binding]]:
    """The opener's chat, and those that followed the company before the article was written, with their bindings."""
    chats = {person.id: person.telegram_id for person in found.people}
    concerned: dict[int, list[Binding]] = defaultdict(list)
    for binding in found.bindings:
        if binding.company_id != ticket.company_id:
            continue
        verified_at = binding.verified_at if binding.level is Level.VERIFIED else None
        follows = binding.follows is Follows.COMPANY and verified_at is not None and verified_at < article.created_at
        if binding.person_id == ticket.opened_by_id or follows:
            concerned[chats[binding.person_id]].append(binding)
    return concerned


def _delivered(row: OutboxRow, tries: Sequence[DeliveryAttempt], found: Evidence, what: str) -> Findings:
    doubts = sum(attempt.outcome == "doubtful" for attempt in tries)
    if row.state is DeliveryState.UNCERTAIN and doubts < 2 and row.error != TAKEN_BACK:
        yield Finding(Kind.LOST, f"{what} is uncertain after {doubts} doubts")
    elif row.state is DeliveryState.SENT:
        shown = {message["message_id"] for message in found.chats.get(int(row.lane), ())}
        if not row.provider_id or int(row.provider_id) not in shown:
            yield Finding(Kind.LOST, f"{what} counts as sent, and the chat has no message {row.provider_id}")
    elif row.state not in ENDED | OPEN:
        yield Finding(Kind.LOST, f"{what} is {row.state}")


def _tries(found: Evidence) -> dict[int, list[DeliveryAttempt]]:
    tries: dict[int, list[DeliveryAttempt]] = defaultdict(list)
    for attempt in found.attempts:
        tries[attempt.outbox_id].append(attempt)
    return tries


def copies(found: Evidence, told: Told) -> Findings:
    """I5: at most two copies, each with its try, the second marked as a possible repetition."""
    tries, shown = _tries(found), _shown(found)
    for (chat, method, words), group in groups(found).items():
        what = f"{method} to {chat} «{words[:60]}»"
        count, may = len(group.calls), len(group.rows)
        explained = sum(attempt.outcome in {"sent", "doubtful"} for row in group.rows for attempt in tries[row.id])
        if count > 2 * may:
            yield Finding(Kind.COPIES, f"{what}: {count} copies of {may} deliveries")
        elif count > explained:
            yield Finding(Kind.COPIES, f"{what}: {count} copies, {explained} tries explain one")
        unmarked = sum(not _is_marked(entry, shown.get(entry["message_id"], {})) for entry in group.calls)
        if unmarked > may:
            yield Finding(Kind.OTHER, f"{what}: {unmarked} copies of {may} deliveries are not marked as repetition")


def _is_marked(entry: Facts, message: Facts) -> bool:
    """Where the journal cut the text, the chat has it whole, unless it was edited since: then nobody can tell."""
    words = str(entry["params"].get("text") or entry["params"].get("caption") or "")
    if len(words) < CUT:
        return words.endswith(REPEATED)
    whole = str(message.get("text") or message.get("caption") or "")
    return whole.endswith(REPEATED) or bool(message.get("edit_count"))


def order(found: Evidence, told: Told) -> Findings:
    """I6: first deliveries into a chat are in the order of the rows.

    With many writers a row gets its number before its transaction is over, and another one may be over first: then
    the articles of a ticket, which is locked for them, must be in their order.
    """
    firsts: dict[tuple[int, int | None], list[tuple[int, int, str]]] = defaultdict(list)
    for (chat, _, words), group in groups(found).items():
        if len(group.rows) != 1 or not group.calls:
            continue
        row = group.rows[0]
        if found.one_writer or row.article_id is not None:
            first = min(int(entry["n"]) for entry in group.calls)
            firsts[chat, None if found.one_writer else row.ticket_id].append((row.id, first, words))
    for (chat, _), arrived in firsts.items():
        latest, late = 0, ""
        for row_id, first, words in sorted(arrived):
            if first < latest:
                said = f"delivery {row_id} to {chat} «{words[:60]}»"
                yield Finding(Kind.INVERSION, f"{said} came before an earlier one, {late}")
            else:
                latest, late = first, f"{row_id} «{words[:60]}»"


def mails(found: Evidence, told: Told) -> Findings:
    """Mail goes the same way: every delivery handed in, at most twice."""
    received = Counter(mail["message_id"] for mail in found.mails)
    for message_id, count in received.items():
        if count > 2:
            yield Finding(Kind.COPIES, f"the mail {message_id} came {count} times")
    for row in found.outbox:
        if row.channel is Channel.EMAIL and row.state is DeliveryState.SENT and row.provider_id not in received:
            yield Finding(Kind.LOST, f"the mail of delivery {row.id} counts as sent and never came")


def tally(found: Evidence) -> dict[str, int]:
    """Figures for the reader: how much went in and out, and how often there was a doubt."""
    return {
        "updates": sum(row.state is InboxState.DONE for row in found.inbox),
        "messages": sum(len(group.calls) for group in groups(found).values()),
        "second copies": sum(max(0, len(group.calls) - len(group.rows)) for group in groups(found).values()),
        "uncertain": sum(row.state is DeliveryState.UNCERTAIN for row in found.outbox),
    }
