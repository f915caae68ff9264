"""What is left after a run: the simulator's journal, chats and mails, the desk's rows and files."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import select

from core.db import Base, Database, ReadSession
from core.messaging.store import FileStore
from core.models import (
    Article,
    Attachment,
    Binding,
    Company,
    DeliveryAttempt,
    Draft,
    InboxRow,
    LedgerLine,
    OutboxRow,
    Person,
    Report,
    TechnicalHourPart,
    Ticket,
    TicketClosure,
)

T = TypeVar("T", bound=Base)
Facts = Mapping[str, Any]


@dataclass
class Evidence:
    """``chats``: user id → messages; ``stored``: names of the store's files → SHA-256 of their bytes."""

    journal: Sequence[Facts] = ()
    chats: Mapping[int, Sequence[Facts]] = field(default_factory=dict)
    mails: Sequence[Facts] = ()
    pending_updates: int = 0
    stored: Mapping[str, str] = field(default_factory=dict)
    inbox: Sequence[InboxRow] = ()
    outbox: Sequence[OutboxRow] = ()
    attempts: Sequence[DeliveryAttempt] = ()
    companies: Sequence[Company] = ()
    people: Sequence[Person] = ()
    bindings: Sequence[Binding] = ()
    drafts: Sequence[Draft] = ()
    tickets: Sequence[Ticket] = ()
    articles: Sequence[Article] = ()
    attachments: Sequence[Attachment] = ()
    closures: Sequence[TicketClosure] = ()
    ledger: Sequence[LedgerLine] = ()
    hour_parts: Sequence[TechnicalHourPart] = ()
    reports: Sequence[Report] = ()


async def gather(sim: httpx.AsyncClient, database: Database, files: Path, chats: Sequence[int]) -> Evidence:
    """Read everything; the desk is quiet or has ended."""

    async def ask(path: str) -> Any:
        return (await sim.get(path)).raise_for_status().json()

    shown = {chat: (await ask(f"/sim/chats/{chat}"))["messages"] for chat in chats}
    async with database.read() as session:
        return Evidence(
            journal=await ask("/sim/journal"),
            chats=shown,
            mails=await ask("/sim/mails"),
            pending_updates=(await ask("/sim/idle"))["pending_updates"],
            stored=_hashes(files),
            inbox=await _all(session, InboxRow),
            outbox=await _all(session, OutboxRow),
            attempts=await _all(session, DeliveryAttempt),
            companies=await _all(session, Company),
            people=await _all(session, Person),
            bindings=await _all(session, Binding),
            drafts=await _all(session, Draft),
            tickets=await _all(session, Ticket),
            articles=await _all(session, Article),
            attachments=await _all(session, Attachment),
            closures=await _all(session, TicketClosure),
            ledger=await _all(session, LedgerLine),
            hour_parts=await _all(session, TechnicalHourPart),
            reports=await _all(session, Report),
        )


async def _all(session: ReadSession, kind: type[T]) -> Sequence[T]:
    return (await session.scalars(select(kind).order_by(*kind.__table__.primary_key.columns))).all()


def _hashes(folder: Path) -> dict[str, str]:
    """Only finished files: what a killed write has left lies beside their folders."""
    store = FileStore(folder)
    names = [path.name for path in folder.glob("??/*")]
    return {name: hashlib.sha256(store.path(name).read_bytes()).hexdigest() for name in names}
