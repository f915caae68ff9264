"""What a technician took back: it was taken back once, goes nowhere afterwards, and leaves the chats it is in."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.models import Article, Channel, DeliveryState, OutboxRow
from tests.faults.evidence import Evidence, Facts
from tests.faults.findings import Finding, Findings, Kind, one
from tests.faults.told import Told


def retractions(found: Evidence, told: Told) -> Findings:
    """Every retraction a technician was told of stands, and nothing else was retracted."""
    numbers = {ticket.id: ticket.number for ticket in found.tickets}
    gone = [article for article in found.articles if article.retracted_at is not None]
    there = [(numbers[article.ticket_id], article.text) for article in gone]
    asked = [(retracted.number, retracted.text) for retracted in told.retracted]
    for number, text in asked:
        yield from one(there.count((number, text)), f"retraction of «{text[:30]}» in #{number}")
    for number, text in there:
        if (number, text) not in asked:
            yield Finding(Kind.OTHER, f"nobody retracted «{text[:30]}» in #{number}")
    entries = sum(entry.action == "article.retracted" for entry in found.audit)
    if entries != len(gone):
        yield Finding(Kind.OTHER, f"{len(gone)} answers were retracted, {entries} entries say so")


def silence(found: Evidence, told: Told) -> Findings:
    """After a retraction no try of what says it begins, and no report says it; a try under way may end."""
    begun: dict[int, list[datetime]] = defaultdict(list)
    for attempt in found.attempts:
        begun[attempt.outbox_id].append(attempt.started_at)
    deletions = {row.edits_id: row for row in found.outbox if row.method == "deleteMessage" and row.edits_id}
    for article in found.articles:
        if article.retracted_at is None:
            continue
        saying = [row for row in found.outbox if _says(row, article)]
        for row in saying:
            if told.is_clock_right:
                yield from _tried(row, begun[row.id], deletions, article.retracted_at)
            yield from _is_gone(row, found)
        for report in found.reports:
            if report.created_at > article.retracted_at and _is_in(report.snapshot, article):
                yield Finding(Kind.OTHER, f"report {report.id} says what was retracted: «{article.text[:30]}»")


def _says(row: OutboxRow, article: Article) -> bool:
    return row.article_id == article.id or _is_in(row.payload, article)


def _is_in(content: Facts, article: Article) -> bool:
    """By its first word, which nobody else says."""
    return article.text.split(" ")[0] in json.dumps(content, ensure_ascii=False)


def _tried(
    row: OutboxRow, begun: Sequence[datetime], deletions: Mapping[int, OutboxRow], retracted_at: datetime
) -> Findings:
    """Where the retraction found the delivery on its way, it has put a deletion: no try may begin after that."""
    deletion = deletions.get(row.id)
    last = max(retracted_at, deletion.created_at) if deletion is not None else retracted_at
    late = [moment for moment in begun if moment > last]
    if late:
        yield Finding(Kind.OTHER, f"delivery {row.id} to {row.lane} was tried {len(late)} times after its retraction")


def _is_gone(row: OutboxRow, found: Evidence) -> Findings:
    """A copy the desk knows of is deleted; one it only fears to be there has no name to be deleted by."""
    if row.channel is not Channel.TELEGRAM or row.state is not DeliveryState.SENT or row.edits_id is not None:
        return
    messages = {message["message_id"]: message for message in found.chats.get(int(row.lane), ())}
    message = messages.get(int(row.provider_id or 0))
    if message is not None and not message.get("deleted"):
        yield Finding(Kind.OTHER, f"delivery {row.id} was retracted and still stands in chat {row.lane}")
