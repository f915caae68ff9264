"""What is left after a run: the simulator's journal, chats and mails, the desk's rows and files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import inspect, select, text

from core.db import Base, Database, ReadSession
from core.messaging.store import FileStore
from core.models import (
    Article,
    Attachment,
    AuditEntry,
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
    Technician,
    Ticket,
    TicketClosure,
    TicketEvent,
)

T = TypeVar("T", bound=Base)
Facts = dict[str, Any]


@dataclass
class Evidence:
    """``chats``: user id → messages; ``stored``: names of the store's files → SHA-256 of their bytes;
    ``raw``: file or table → everything the database keeps there; ``logs``: name → words; ``one_writer``: whether
    transactions came one after the other."""

    journal: list[Facts] = field(default_factory=list)
    chats: dict[int, list[Facts]] = field(default_factory=dict)
    mails: list[Facts] = field(default_factory=list)
    pending_updates: int = 0
    one_writer: bool = True
    stored: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    inbox: list[InboxRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    attempts: list[DeliveryAttempt] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    closures: list[TicketClosure] = field(default_factory=list)
    ledger: list[LedgerLine] = field(default_factory=list)
    hour_parts: list[TechnicalHourPart] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    technicians: list[Technician] = field(default_factory=list)


async def gather(sim: httpx.AsyncClient, database: Database, folder: Path, chats: Sequence[int]) -> Evidence:
    """Read everything; the desk is quiet or has ended, ``folder`` is where its data and its log are."""

    async def ask(path: str) -> Any:
        return (await sim.get(path)).raise_for_status().json()

    shown = {chat: (await ask(f"/sim/chats/{chat}"))["messages"] for chat in chats}
    async with database.read() as session:
        return Evidence(
            journal=await ask("/sim/journal"),
            chats=shown,
            mails=await ask("/sim/mails"),
            pending_updates=(await ask("/sim/idle"))["pending_updates"],
            one_writer=database.is_sqlite,
            stored=_hashes(folder / "files"),
            raw=await _raw(session, database),
            logs=_logs(folder),
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
            events=await _all(session, TicketEvent),
            audit=await _all(session, AuditEntry),
            technicians=await _all(session, Technician),
        )


def keep(found: Evidence, folder: Path) -> None:
    """Leave in the folder what ends with the run: PostgreSQL's tables and what the simulator has seen."""
    for name, content in found.raw.items():
        if not (folder / name).exists():
            (folder / name).write_bytes(content)
    seen = {"journal": found.journal, "chats": found.chats, "mails": found.mails}
    (folder / "seen.json").write_text(json.dumps(seen, indent=1, ensure_ascii=False))


async def _all(session: ReadSession, kind: type[T]) -> list[T]:
    return list((await session.scalars(select(kind).order_by(*inspect(kind).primary_key))).all())


async def _raw(session: ReadSession, database: Database) -> dict[str, bytes]:
    """SQLite's files as they lie on the disk, what was deleted included; PostgreSQL's tables as text."""
    if database.is_sqlite:
        place = Path(database.url.database or "")
        return {path.name: path.read_bytes() for path in place.parent.glob(f"{place.name}*")}
    tables = {}
    for table in Base.metadata.sorted_tables:
        rows = await session.execute(text(f'SELECT "{table.name}"::text FROM "{table.name}"'))
        tables[table.name] = "\n".join(rows.scalars()).encode()
    return tables


def _logs(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(errors="replace") for path in folder.glob("desk*.log")}


def _hashes(folder: Path) -> dict[str, str]:
    """Only finished files: what a killed write has left lies beside their folders."""
    store = FileStore(folder)
    names = [path.name for path in folder.glob("??/*")]
    return {name: hashlib.sha256(store.path(name).read_bytes()).hexdigest() for name in names}
