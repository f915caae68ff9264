"""What came in: every update has a row, every word and byte of a customer is there exactly once."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.models import Article, ArticleKind, Attachment, DraftState, FileState, InboxState, Ticket
from tests.faults.evidence import Evidence
from tests.faults.findings import Finding, Findings, Kind, one
from tests.faults.told import Opened, Told


def updates(found: Evidence, told: Told) -> Findings:
    """I1, I2: what was handed out, or sent, has its row, and no row waits or was given up."""
    rows = {row.update_id for row in found.inbox}
    handed_out = {number for entry in found.journal for number in entry["update_ids"]}
    for number in sorted((handed_out | set(told.update_ids)) - rows):
        yield Finding(Kind.LOST, f"update {number} has no row in the inbox")
    for complaint in told.complaints:
        yield Finding(Kind.LOST, complaint)
    if found.pending_updates:
        yield Finding(Kind.STUCK, f"{found.pending_updates} updates were never confirmed")
    for row in found.inbox:
        if row.state is InboxState.NEW:
            yield Finding(Kind.STUCK, f"update {row.update_id} is still open after {row.attempts} tries: {row.error}")
        elif row.state is InboxState.DEAD:
            yield Finding(Kind.LOST, f"update {row.update_id} was given up: {row.error}")


def tickets(found: Evidence, told: Told) -> Findings:
    """I3: every ticket sent exists once, with all its words in order and all its files, and no other does."""
    by_subject: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in found.tickets:
        by_subject[ticket.subject].append(ticket)
    for opened in told.opened:
        mine = by_subject.pop(" ".join(opened.subject.split()), [])
        yield from one(len(mine), f"ticket «{opened.subject[:40]}»", doubled=Kind.DOUBLED_TICKET)
        if mine:
            yield from _first_article(found, opened, mine[0])
    for subject, unknown in by_subject.items():
        yield Finding(Kind.DOUBLED_TICKET, f"nobody sent «{subject}», there {len(unknown)} times")
    for draft in found.drafts:
        if draft.state is DraftState.WRITING:
            yield Finding(Kind.LOST, f"draft {draft.id} of chat {draft.chat_id} was never sent: {draft.subject}")


def _first_article(found: Evidence, opened: Opened, ticket: Ticket) -> Findings:
    first = [article for article in found.articles if article.ticket_id == ticket.id and article.position == 1]
    if not first or first[0].text != opened.text:
        is_longer = bool(first) and len(first[0].text) > len(opened.text)
        says = f"#{ticket.number} should say {opened.text!r}, it says {first[0].text if first else None!r}"
        yield Finding(Kind.DOUBLED_ARTICLE if is_longer else Kind.LOST, says)
    if first:
        yield from _files(found, opened.files, first[:1], f"#{ticket.number}")


def answers(found: Evidence, told: Told) -> Findings:
    """I3: what a customer wrote to a ticket is in one article of that ticket, its files beside it."""
    numbers = {ticket.id: ticket.number for ticket in found.tickets}
    loose = [draft.text for draft in found.drafts if draft.state is DraftState.LOOSE]
    for said in told.answered:
        homes = [article for article in found.articles if said.text in article.text]
        waiting = sum(said.text in text for text in loose) if said.number == 0 else 0
        yield from one(len(homes) + waiting, f"answer «{said.text[:40]}» to #{said.number}")
        for article in homes:
            if article.text.count(said.text) > 1:
                yield Finding(Kind.DOUBLED_ARTICLE, f"«{said.text[:40]}» is twice in one article")
            if said.number and numbers[article.ticket_id] != said.number:
                where = numbers[article.ticket_id]
                yield Finding(Kind.OTHER, f"«{said.text[:40]}» was for #{said.number} and is in #{where}")
        yield from _files(found, said.files, homes, f"«{said.text[:40]}»")


def _files(found: Evidence, hashes: Sequence[str], articles: Sequence[Article], what: str) -> Findings:
    homes = {article.id for article in articles}
    for sha256, times in Counter(hashes).items():
        everywhere = [attachment for attachment in found.attachments if attachment.sha256 == sha256]
        there = [attachment for attachment in everywhere if attachment.article_id in homes]
        yield from one(len(there) // times if there else 0, f"file {sha256[:8]} of {what}")
        if len(everywhere) > len(there):
            yield Finding(Kind.DOUBLED_ARTICLE, f"file {sha256[:8]} of {what} is elsewhere, too")


def nothing_made_up(found: Evidence, told: Told) -> Findings:
    """No article of a customer that nobody wrote, and positions without a gap."""
    answered = [said.text for said in told.answered]
    opened = {opened.text for opened in told.opened}
    for article in found.articles:
        if article.kind is ArticleKind.CUSTOMER and article.text not in opened:
            rest = article.text
            for text in answered:
                rest = rest.replace(text, "", 1)
            if rest.strip():
                yield Finding(Kind.DOUBLED_ARTICLE, f"article {article.id} says what nobody said: {article.text!r}")
    for ticket in found.tickets:
        positions = sorted(article.position for article in found.articles if article.ticket_id == ticket.id)
        if positions != list(range(1, ticket.articles_count + 1)):
            yield Finding(Kind.OTHER, f"#{ticket.number} counts {ticket.articles_count} articles, has {positions}")


def technicians(found: Evidence, told: Told) -> Findings:
    """Every article and note a technician was told is saved is there once, with its files."""
    numbers = {ticket.id: ticket.number for ticket in found.tickets}
    written = [article for article in found.articles if article.kind is not ArticleKind.CUSTOMER]
    for replied in told.replied:
        kind = ArticleKind.NOTE if replied.is_note else ArticleKind.REPLY
        mine = [article for article in written if article.text == replied.text]
        yield from one(len(mine), f"{kind} «{replied.text[:30]}»")
        if any(article.kind is not kind or numbers[article.ticket_id] != replied.number for article in mine):
            yield Finding(Kind.OTHER, f"{kind} «{replied.text[:30]}» is in the wrong place")
        yield from _files(found, replied.files, mine, f"«{replied.text[:30]}»")
    known = {replied.text for replied in told.replied}
    for article in written:
        if article.text not in known:
            yield Finding(
                Kind.DOUBLED_ARTICLE, f"article {article.id} says what no technician said: {article.text!r}"
            )


def files(found: Evidence, told: Told) -> Findings:
    """I9: every attachment is stored, and the bytes in the store have the hash they are named by."""
    for attachment in found.attachments:
        yield from _stored(attachment, found)
    for name, sha256 in found.stored.items():
        if name != sha256:
            yield Finding(Kind.LOST, f"the file {name[:8]} in the store holds other bytes")


def _stored(attachment: Attachment, found: Evidence) -> Findings:
    what = f"attachment {attachment.id} ({attachment.name})"
    if attachment.state is FileState.PENDING:
        yield Finding(Kind.STUCK, f"{what} was never fetched: {attachment.error}")
    elif attachment.state is FileState.FAILED:
        yield Finding(Kind.LOST, f"{what} was given up: {attachment.error}")
    elif attachment.sha256 not in found.stored:
        yield Finding(Kind.LOST, f"{what} has no bytes in the store")
