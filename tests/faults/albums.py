"""Albums whose parts come shuffled, over several polls, late and across a restart: each is one article, whole."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import func, select

from bot import incoming
from bot.albums import AlbumCloser
from bot.worker import Worker
from core.actions import bindings, drafts, people
from core.clock import now
from core.db import Database, WriteSession
from core.i18n import Translators
from core.messaging import inbox, outbox
from core.messaging.vault import Vault
from core.models import (
    Article,
    ArticleKind,
    Attachment,
    Company,
    Draft,
    DraftState,
    InboxRow,
    InboxState,
    OutboxRow,
    Person,
    Ticket,
)
from core.render.office import Office
from core.rules.identity import Proof
from core.rules.services import Service
from tests import databases
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan

BOT_ID = 1000000001
FIRST_CHAT = 6001
PUSH = 500_000  # the message id of what a customer replies to; own messages have higher ones
WAYS = ("reply", "loose", "draft")
RESTARTS, LATE = 0.1, 0.1  # of all polls; of all parts


@dataclass
class Sent:
    """An album as it was sent: which way, and the caption and names of its parts."""

    chat: int
    number: int
    way: str
    caption: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The message id before those of its parts."""
        return PUSH + 1000 + self.number * 20


class Tray:
    """A desk's worker and sweep on a database of its own, without a network; it may be put down and taken up."""

    def __init__(self, url: str) -> None:
        self._url, self.vault = url, Vault(b"k" * 32)
        self.office = Office("Mesa", Translators(default="es", timezone="America/Guayaquil"))
        self._update = 700_000_000
        self._open()

    def _open(self) -> None:
        self.database = Database(self._url)
        self.worker = Worker(self.database, self.vault, self.office)
        self.closer = AlbumCloser(self.database, self.office)

    async def restart(self) -> None:
        await self.database.close()
        self._open()

    async def poll(self, bodies: Sequence[dict[str, Any]]) -> None:
        """One answer of Telegram, and what the desk does with it."""
        updates = []
        for body in bodies:
            self._update += 1
            updates.append(incoming.to_store({"update_id": self._update, **body}))
        async with self.database.write() as session:
            await inbox.accept(session, updates, bot_id=BOT_ID, vault=self.vault, now=now())
        await self.work()

    async def work(self) -> None:
        while await self.worker.work_off():
            pass
        await self.closer.close_due()


async def split(plan: Plan) -> Verdict:
    """``plan.rounds`` albums; what was split, doubled or lost."""
    verdict = Verdict("albums", plan.rounds, plan.seed)
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(now(), tick=True) as clock:
        url = await databases.fresh_url(plan.backend, Path(folder))
        tray = Tray(url)
        try:
            rng = random.Random(plan.seed)
            albums = await _send(tray, plan.rounds, rng, clock)
            await _judge(tray, albums, verdict)
        finally:
            await tray.database.close()
            await databases.drop(url)
    return verdict


async def _send(tray: Tray, count: int, rng: random.Random, clock: time_machine.Traveller) -> list[Sent]:
    """Eight chats with one or two albums at a time, the parts of all of them in any order, some of them late."""
    chats = range(FIRST_CHAT, FIRST_CHAT + 8)
    for chat in chats:
        await prepare(tray, chat)
    sent: list[Sent] = []
    while len(sent) < count:
        albums = [_album(rng, chat, len(sent) + place, rng.choice(WAYS)) for place, chat in enumerate(chats)]
        albums += [
            _album(rng, chat, len(sent) + len(albums) + place, "reply") for place, chat in enumerate(chats[::2])
        ]
        albums = albums[: count - len(sent)]
        await _begin_drafts(tray, [album.chat for album in albums if album.way == "draft"])
        parts = [message for album in albums for message in album.messages]
        late = [part for part in parts if rng.random() < LATE]
        for some in ([part for part in parts if part not in late], late):
            await _bring(tray, some, rng, clock)
            clock.shift(timedelta(seconds=11))
            await tray.work()
            await _answer(tray)
        sent += albums
    return sent


async def _begin_drafts(tray: Tray, chats: Sequence[int]) -> None:
    """All that is missing are the files."""
    await tray.poll([{"message": frame(chat, PUSH - 2) | {"text": "/nuevo"}} for chat in chats])
    async with tray.database.write() as session:
        for draft in await session.scalars(select(Draft).where(Draft.state == DraftState.WRITING)):
            draft.service, draft.product = Service.SUPPORT, "SaciJava"
            draft.subject, draft.text, draft.files_settled = f"Borrador {draft.id}", "Va todo.", True


async def _bring(tray: Tray, parts: list[dict[str, Any]], rng: random.Random, clock: time_machine.Traveller) -> None:
    """The parts in any order, a few in each poll, now and then with another process going on."""
    rng.shuffle(parts)
    while parts:
        size = rng.randint(1, 12)
        await tray.poll([{"message": message} for message in parts[:size]])
        del parts[:size]
        clock.shift(timedelta(seconds=rng.choice((0, 0, 0.3, 0.9))))
        if rng.random() < RESTARTS:
            await tray.restart()


def _album(rng: random.Random, chat: int, number: int, way: str) -> Sent:
    """2 to 10 parts and a caption on any of them, or none."""
    album = Sent(chat, number, way, f"pie {number}." if rng.random() < 0.7 else "")
    size = rng.randint(2, 10)
    captioned = rng.randrange(size)
    for part in range(size):
        message_id = album.first + 1 + part
        file = {"file_id": f"f{message_id}", "file_unique_id": f"u{message_id}", "file_name": f"{number}-{part}.pdf"}
        message = frame(chat, message_id) | {"media_group_id": f"g{number}", "document": file}
        message |= {"caption": album.caption} if album.caption and part == captioned else {}
        message |= {"reply_to_message": frame(chat, PUSH)} if way == "reply" else {}
        album.names.append(file["file_name"])
        album.messages.append(message)
    return album


def frame(chat: int, message_id: int) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": f"Persona {chat}"}
    where = {"id": chat, "type": "private", "first_name": f"Persona {chat}"}
    return {"message_id": message_id, "date": int(now().timestamp()), "chat": where, "from": person}


async def prepare(tray: Tray, chat: int) -> None:
    """A verified customer with one ticket, a push of it to reply to, and the menu."""
    async with tray.database.write() as session:
        company = await session.scalar(select(Company).limit(1))
        if company is None:
            company = Company(ruc="0992345678001", name="Andina", created_at=now())
            session.add(company)
            await session.flush()
        person = (await people.greet(session, [people.TelegramUser(chat, f"Persona {chat}")]))[chat]
        await bindings.bind(session, person, company, Proof.PASSWORD, office=tray.office)
        await _ticket(session, tray, person, f"Ticket {chat}")
    await tray.poll([{"message": frame(chat, PUSH - 1) | {"text": "/start"}}])


async def _ticket(session: WriteSession, tray: Tray, person: Person, subject: str) -> None:
    binding = await people.active_binding(session, person)
    assert binding is not None
    draft = await drafts.start(session, person)
    draft.service, draft.product, draft.subject = Service.SUPPORT, "SaciJava", subject
    draft.text, draft.files_settled = "No sale nada.", True
    ticket = await drafts.send(session, person, binding, draft, office=tray.office)
    push = await outbox.put(
        session, person.telegram_id, "sendMessage", {"text": subject}, about=outbox.Subject(ticket_id=ticket.id)
    )
    push.provider_id = str(PUSH)


async def _answer(tray: Tray) -> None:
    """Where the desk asks for a ticket, the customer names one; a draft with files is sent."""
    async with tray.database.write() as session:
        found = list(
            await session.scalars(select(Draft).where(Draft.state.in_((DraftState.WRITING, DraftState.LOOSE))))
        )
        numbers = {
            chat: number
            for number, chat in await session.execute(
                select(Ticket.number, Person.telegram_id).join(Person, Person.id == Ticket.opened_by_id)
            )
        }
        taps = []
        for draft in found:
            files = await session.scalar(select(func.count()).where(Attachment.draft_id == draft.id))
            if draft.state is DraftState.LOOSE:
                taps.append((draft.chat_id, f"place:{draft.id}:{numbers[draft.chat_id]}"))
            elif files:
                taps.append((draft.chat_id, f"send:{draft.id}"))
    for chat, data in taps:
        tap = {"id": data, "from": frame(chat, 1)["from"], "chat_instance": "1", "data": data}
        await tray.poll([{"callback_query": tap | {"message": frame(chat, PUSH)}}])


async def _judge(tray: Tray, albums: Sequence[Sent], verdict: Verdict) -> None:
    async with tray.database.read() as session:
        query = select(Article).where(Article.kind == ArticleKind.CUSTOMER)
        texts = {article.id: article.text for article in await session.scalars(query)}
        files = [(name, home) for name, home in await session.execute(select(Attachment.name, Attachment.article_id))]
        noted = await session.scalar(select(func.count()).where(OutboxRow.dedupe_key.like("noted-%")))
        open_rows = await session.scalar(select(func.count()).where(InboxRow.state != InboxState.DONE))
    homes: dict[str, list[int | None]] = defaultdict(list)
    for name, home in files:
        homes[name].append(home)
    for album in albums:
        _judge_one(album, homes, texts, verdict)
    replies = sum(album.way == "reply" for album in albums)
    if noted != replies:
        verdict.says[Kind.OTHER].append(f"{replies} albums in reply were acknowledged {noted} times")
    if open_rows:
        verdict.says[Kind.STUCK].append(f"{open_rows} updates were not worked off")
    verdict.tally = {"albums": len(albums), "parts": sum(len(album.names) for album in albums)}


def _judge_one(
    album: Sent, homes: Mapping[str, Sequence[int | None]], texts: Mapping[int, str], verdict: Verdict
) -> None:
    what = f"album {album.number} ({album.way})"
    places = {home for name in album.names for home in homes[name]}
    for name in album.names:
        if len(homes[name]) != 1:
            verdict.says[Kind.DOUBLED_ARTICLE if homes[name] else Kind.LOST].append(f"{what}: {name}: {homes[name]}")
    if len(places) > 1:
        verdict.says[Kind.DOUBLED_ARTICLE].append(f"{what} was split: {places}")
    said = [texts.get(home or 0, "") for home in places]
    if [text.count(album.caption) for text in said] != [1] and album.caption:
        verdict.says[Kind.LOST].append(f"{what}: {album.caption!r} became {said}")
    if album.way != "draft" and said != [album.caption]:
        verdict.says[Kind.OTHER].append(f"{what} says {said}")
