"""Updates of every kind with parts missing, odd, too large or unheard of: none breaks the desk, none is dropped."""

import copy
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
import time_machine
from sqlalchemy import func, select

from bot import kinds
from core.clock import now
from core.models import (
    Attachment,
    Conversation,
    CustomerMessage,
    InboxRow,
    InboxState,
    LoginFailure,
    OutboxRow,
    Person,
)
from core.rules.intake import Step
from tests import databases
from tests.faults.albums import FIRST_CHAT, Tray, frame, prepare
from tests.faults.checker import Verdict
from tests.faults.findings import Kind
from tests.faults.plan import Plan

CHATS = tuple(range(FIRST_CHAT, FIRST_CHAT + 4))  # the last two are not logged in
FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 900, "file_name": "a.pdf", "mime_type": "application/pdf"}
SIZED = FILE | {"width": 90, "height": 90, "duration": 3}
PLACE = {"latitude": -2.18, "longitude": -79.88}
PERSON = {"id": 77, "is_bot": False, "first_name": "Luis"}
POLL = {"id": "1", "question": "¿Qué falla?", "options": [{"text": "Todo", "voter_count": 0, "persistent_id": "x"}]}
POLL |= {"total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular"}
POLL |= {"allows_multiple_answers": False, "allows_revoting": False, "members_only": False}

# What a message of each kind carries; a kind that is not here carries an empty object.
CONTENT: Mapping[str, Any] = {
    "text": "No imprime 😀",
    "photo": [SIZED],
    **dict.fromkeys(("document", "audio", "voice", "video", "animation", "live_photo"), SIZED),
    "video_note": SIZED | {"length": 90},
    "sticker": SIZED | {"type": "regular", "is_animated": False, "is_video": False},
    "contact": {"phone_number": "593991112223", "first_name": "Luis", "user_id": 77},
    "location": PLACE,
    "venue": {"location": PLACE, "title": "Bodega", "address": "Av. Quito"},
    "poll": POLL,
    "checklist": {"title": "Cierre", "tasks": [{"id": 1, "text": "Respaldo"}]},
    "dice": {"emoji": "🎲", "value": 4},
    "game": {"title": "Ajedrez", "description": "", "photo": []},
    "story": {"chat": {"id": 9, "type": "private"}, "id": 1},
    "new_chat_members": [PERSON],
    "new_chat_title": "Oficina",
    "hologram": {"depth": 3},
}
BESIDE: Mapping[str, Any] = {
    "caption": "Así sale",
    "entities": [{"type": "text_link", "offset": 0, "length": 2, "url": "https://sri.example"}],
    "media_group_id": "g1",
    "forward_origin": {"type": "user", "date": 1, "sender_user": PERSON},
    "quote": {"text": "¿Qué modelo?", "position": 0, "is_manual": True},
    "external_reply": {"origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Eva"}},
    "edit_date": 1_900_000_000,
}
FRAME = frozenset({"message_id", "date", "chat", "from"})  # without these there is nobody to answer
ODD: tuple[Any, ...] = (
    *(None, "", 0, -1, 2**31, 2**70, 1.5, True, [], {}, [None], {"id": "x"}),
    *("\0", "\ud83d", "x" * 5000, "1042", "/start", "/salir@otro", "Mis tickets", "‮fdp"),
)


def mutations(rng: random.Random) -> Iterator[dict[str, Any]]:
    """Updates without an end, none of them as Telegram would send it."""
    by_treatment = {
        wanted: [name for name, treatment in kinds.MESSAGE.items() if treatment is wanted]
        for wanted in kinds.Treatment
    }
    number = 1000
    while True:
        number += 1
        chat = rng.choice(CHATS)
        treatment = rng.choices((kinds.WORDS, kinds.FILE, kinds.REASON, kinds.SERVICE), (4, 4, 2, 1))[0]
        name = rng.choice([*by_treatment[treatment], "hologram"])
        message = frame(chat, number) | {name: CONTENT.get(name, {})}
        message |= {name: BESIDE[name] for name in rng.sample([*BESIDE], rng.randint(0, 2))}
        update = copy.deepcopy({rng.choice(("message", "message", "edited_message")): message})
        if rng.random() < 0.3:
            update = copy.deepcopy(_other(rng, chat))
        for _ in range(rng.randint(1, 3)):
            _mutate(update, rng)
        yield update


def _other(rng: random.Random, chat: int) -> dict[str, Any]:
    """A tap, somebody who comes or goes, or a kind the desk does not ask for."""
    person = frame(chat, 1)["from"]
    member = {"user": PERSON | {"is_bot": True}, "status": rng.choice(("kicked", "member"))}
    here = {"chat": frame(chat, 1)["chat"], "from": person, "date": 1}
    data = rng.choice(("ticket:1", "place:1:1", "send:1", "list:own:open", "otra", "file:1:1"))
    others: Mapping[str, Any] = {
        "callback_query": {"id": "1", "from": person, "chat_instance": "1", "data": data, "message": frame(chat, 1)},
        "my_chat_member": here | {"old_chat_member": member, "new_chat_member": member},
    }
    kind = rng.choice([*others, *others, *kinds.UPDATES, "hologram"])
    return {kind: others.get(kind, here | {"text": "hola", "message_id": 1})}


def _mutate(update: dict[str, Any], rng: random.Random) -> None:
    """One part anywhere in it goes, becomes something odd, is renamed, or gets company."""
    spared = FRAME if rng.random() < 0.8 else frozenset()
    places = [(container, key) for container, key in _places(update, spared) if container is not update]
    if not places:
        return
    container, key = rng.choice(places)
    deed = rng.choice(("drop", "odd", "odd", "rename", "add"))
    if deed == "add" and isinstance(container, dict):
        container[f"new_{rng.randint(1, 99)}"] = rng.choice(ODD)
    elif deed == "rename" and isinstance(container, dict):
        container[f"{key}_"] = container.pop(key)
    elif deed == "drop":
        del container[key]
    else:
        container[key] = copy.deepcopy(rng.choice(ODD))


def _places(part: Any, spared: frozenset[str]) -> Iterator[tuple[Any, Any]]:
    keys = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
    for key in keys:
        if key not in spared:
            yield part, key
            yield from _places(part[key], spared)


async def mutated(plan: Plan) -> Verdict:
    """``plan.rounds`` updates, each into a chat at some step: what broke the desk, hung, or was dropped."""
    verdict = Verdict("malformed", plan.rounds, plan.seed, tally=dict.fromkeys(("effect", "given up", "silent"), 0))
    rng = random.Random(plan.seed)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(now(), tick=True) as clock:
        url = await databases.fresh_url(plan.backend, Path(folder))
        tray = Tray(url)
        try:
            for chat in CHATS[:2]:
                await prepare(tray, chat)
            stream = mutations(rng)
            for _ in range(plan.rounds):
                update = next(stream)
                await _set_step(tray, rng)
                result = await _bring(tray, update, clock)
                if result in verdict.tally:
                    verdict.tally[result] += 1
                else:
                    shown = json.dumps(update)[:400]
                    verdict.says[Kind.LOST if result == "dropped" else Kind.STUCK].append(f"{result}: {shown}")
        finally:
            structlog.reset_defaults()
            await tray.database.close()
            await databases.drop(url)
    return verdict


async def _set_step(tray: Tray, rng: random.Random) -> None:
    async with tray.database.write() as session:
        for chat in CHATS:
            conversation = await session.get(Conversation, chat)
            if conversation is not None:
                conversation.step = rng.choice([step for step in Step if step is not Step.OLD_PASSWORD])
                conversation.data = {"ruc": "0992345678001", "number": 1}


async def _bring(tray: Tray, update: dict[str, Any], clock: time_machine.Traveller) -> str:
    """What became of it: "effect", "given up" (and the customer told), "silent" as the manual says, or a fault."""
    before = await _traces(tray)
    try:
        await tray.poll([update])
        for _ in range(6):
            if await _is_done(tray):
                break
            clock.shift(timedelta(seconds=61))
            await tray.work()
    except Exception as error:
        return f"crashed with {error!r}"
    if not await _is_done(tray):
        return "hangs"
    async with tray.database.write() as session:
        given_up = list(await session.scalars(select(InboxRow).where(InboxRow.state == InboxState.DEAD)))
        for row in given_up:
            row.state = InboxState.DONE
    is_told = await _traces(tray) != before
    if given_up:
        return "given up" if is_told or not given_up[0].lane.lstrip("-").isdigit() else "dropped"
    if is_told:
        return "effect"
    return "silent" if any(is_so(update) for is_so in SILENT.values()) else "dropped"


async def _is_done(tray: Tray) -> bool:
    async with tray.database.read() as session:
        return not await session.scalar(select(func.count()).where(InboxRow.state == InboxState.NEW))


async def _traces(tray: Tray) -> list[Any]:
    """What an update may leave behind."""
    async with tray.database.read() as session:
        tables = (OutboxRow, CustomerMessage, Attachment, LoginFailure)
        highest = [select(func.max(table.id)).scalar_subquery() for table in tables]
        blocked = select(func.count()).where(Person.blocked_at.is_not(None)).scalar_subquery()
        return list((await session.execute(select(*highest, blocked))).one())


def _message(update: dict[str, Any]) -> Any:
    return update.get("message") or update.get("edited_message")


def _sender(part: Any) -> Any:
    return part.get("from") if isinstance(part, dict) else None


def _is_group(message: Any) -> bool:
    chat = message.get("chat") if isinstance(message, dict) else None
    return isinstance(chat, dict) and chat.get("type") != "private"


# The manual's list of what needs no answer, docs/telegram.md.
SILENT: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "of a kind the desk does nothing with": lambda update: not any(kinds.UPDATES.get(name) for name in update),
    "no object at all": lambda update: not any(isinstance(part, dict) and part for part in update.values()),
    "Telegram's own note": lambda update: kinds.is_service(_message(update) or {}),
    "sent by nobody": lambda update: any(not _sender(part) for part in update.values()),
    "sent by a bot": lambda update: any(_sender(part) and _sender(part).get("is_bot") for part in update.values()),
    "of a group, which has had its line": lambda update: _is_group(_message(update)),
    "an edit": lambda update: "edited_message" in update,
    "who comes or goes": lambda update: "my_chat_member" in update,
}
