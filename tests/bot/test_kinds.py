"""Every kind of Telegram message is content or is answered with a reason; none is dropped, none breaks the desk."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import telegram
from sqlalchemy import func, select
from telegram import constants

from bot import kinds, update
from core.clock import now
from core.models import Attachment, DeliveryState, FileKind, InboxRow, InboxState, OutboxRow
from core.queries import health
from core.queries.health import Watched
from tests.desk import Customer, LiveDesk
from tests.simulator.conftest import PNG

# What a message is does not depend on the database.
ON_ONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

NO_CONTENT = "No podemos adjuntar este tipo de mensaje"
PLACE = {"latitude": -2.1894, "longitude": -79.8891}
POLL = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True}
POLL |= {"type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False}
OPTIONS = [{"text": text, "voter_count": 0, "persistent_id": text} for text in ("La impresora", "El kárdex")]
WORDS: dict[str, dict[str, Any]] = {
    "https://maps.google.com/?q=-2.1894,-79.8891": {"location": PLACE},
    "Bodega Norte, Av. de las Américas\nhttps://maps.google.com/?q=-2.1894,-79.8891": {
        "location": PLACE,
        "venue": {"location": PLACE, "title": "Bodega Norte", "address": "Av. de las Américas"},
    },
    "Luis Vera 593991112223": {
        "contact": {"phone_number": "593991112223", "first_name": "Luis", "last_name": "Vera"}
    },
    "Rosa 593991112224": {"contact": {"phone_number": "593991112224", "first_name": "Rosa"}},
    "Encuesta: ¿Qué falla?\n• La impresora\n• El kárdex": {
        "poll": POLL | {"question": "¿Qué falla?", "options": OPTIONS}
    },
    "Lista: Cierre de mes\n☑ Respaldo\n☐ Kárdex": {
        "extra": {
            "checklist": {
                "title": "Cierre de mes",
                "tasks": [
                    {"id": 1, "text": "Respaldo", "completion_date": 1_800_000_000},
                    {"id": 2, "text": "Kárdex"},
                ],
            }
        }
    },
}
FILES = {
    "photo": ("foto.png", PNG),
    "document": ("firma.p12", b"\x30\x82"),
    "voice": ("nota.ogg", b"OggS"),
    "video": ("pantalla.mp4", b"ftyp"),
    "audio": ("aviso.mp3", b"ID3"),
    "video_note": ("ronda.mp4", b"ftyp"),
    "animation": ("gif.mp4", b"ftyp"),
}
STICKER = {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 9, "height": 9}
STICKER |= {"is_animated": False, "is_video": False}
NOTHING_TO_TAKE: list[dict[str, Any]] = [
    {"sticker": STICKER},
    {"dice": {"emoji": "🎲", "value": 4}},
    {"game": {"title": "Ajedrez", "description": "", "photo": []}},
    {"story": {"chat": {"id": 9, "type": "private"}, "id": 1}},
    {"extra": {"hologram": {"depth": 3}}},
    {"extra": {"hologram": {"depth": 3}, "pinned_message": {"message_id": 1}}},
    {"extra": {"paid_media": {"star_count": 1, "paid_media": []}}},
    {
        "extra": {
            "invoice": {"title": "", "description": "", "start_parameter": "", "currency": "USD", "total_amount": 1}
        }
    },
    {"poll": {"id": "1"}},
    {"contact": {"phone_number": 4}},
]
NOBODY_SAID: list[dict[str, Any]] = [
    {"extra": {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 9, "type": "private"}}}},
    {"extra": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}},
    {"extra": {"users_shared": {"request_id": 1, "users": [{"user_id": 9}]}}},
    {"extra": {"write_access_allowed": {}, "has_protected_content": True}},
    {"extra": {"new_chat_members": [{"id": 9, "is_bot": False, "first_name": "Luis"}], "new_chat_member": {}}},
    {"extra": {"gift": {}}},
]


def raw(chat: int, *, kind: str = "private", sender: int | None = None, **content: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"message_id": 77, "date": 1_800_000_000, "chat": {"id": chat, "type": kind}, **content}
    return message | ({"from": {"id": sender, "is_bot": False, "first_name": "Ada"}} if sender else {})


async def injects(live: LiveDesk, *updates: dict[str, Any]) -> None:
    await live.sim("/sim/updates", list(updates))
    await live.settle()


async def troubled(live: LiveDesk) -> list[InboxRow]:
    """Updates that broke something."""
    async with live.database.read() as session:
        query = select(InboxRow).where((InboxRow.state != InboxState.DONE) | (InboxRow.attempts > 0))
        return list(await session.scalars(query))


@ON_ONE
async def test_words_places_and_contacts_are_kept_as_words(live: LiveDesk, ada: Customer):
    for number, (words, content) in enumerate({"Sigue igual": {"text": "Sigue igual"}, **WORDS}.items()):
        await ada.says("", **content) if "text" not in content else await ada.says(words)
        card = await ada.last()
        assert "¿A qué ticket corresponde?" in card.text
        assert card.text.count("\n") >= number
        assert words in card.text


@ON_ONE
async def test_every_kind_of_file_is_kept(live: LiveDesk, ada: Customer):
    for count, (kind, (name, content)) in enumerate(FILES.items(), 1):
        await ada.sends(name, content, kind=kind, caption=f"esto es {kind}")
        card = await ada.last()
        assert f"esto es {kind}" in card.text
        assert f"{count} archivo" in card.text
    async with live.database.read() as session:
        kinds = set(await session.scalars(select(Attachment.kind)))
    assert kinds == {FileKind(kind) for kind in FILES}


@ON_ONE
async def test_what_the_desk_cannot_take_is_answered_each_time(live: LiveDesk, ada: Customer):
    for content in NOTHING_TO_TAKE:
        before = len(await ada.reads())
        await ada.says("", **content)
        said = (await ada.reads())[before:]
        assert [NO_CONTENT in message.text for message in said] == [True], content
    assert await troubled(live) == []


@ON_ONE
async def test_what_nobody_said_is_not_answered(live: LiveDesk, ada: Customer):
    before = len(await ada.reads())
    for content in NOBODY_SAID:
        await ada.says("", **content)
    assert len(await ada.reads()) == before
    assert await troubled(live) == []


@ON_ONE
async def test_whose_words_they_are_is_kept(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    origins = {
        "Luis Vera": {
            "type": "user",
            "date": 1,
            "sender_user": {"id": 9, "is_bot": False, "first_name": "Luis Vera"},
        },
        "Oculta Pérez": {"type": "hidden_user", "date": 1, "sender_user_name": "Oculta Pérez"},
        "Oficina": {"type": "chat", "date": 1, "sender_chat": {"id": -5, "type": "group", "title": "Oficina"}},
        "SRI al día": {
            "type": "channel",
            "date": 1,
            "chat": {"id": -6, "type": "channel", "title": "SRI al día"},
            "message_id": 4,
        },
        "alguien desconocido": {"type": "planet", "date": 1},
    }
    for name, origin in origins.items():
        await ada.says(f"palabras de {name}", forwarded_from=origin)
        assert f"Reenviado de {name}:\npalabras de {name}" in (await ada.last()).text
    await ada.taps(f"#{number}")
    assert await troubled(live) == []


@ON_ONE
async def test_a_quoted_part_stands_before_the_answer(live: LiveDesk, ada: Customer):
    quote = {"text": "¿Qué modelo es?", "position": 0, "is_manual": True}
    await ada.says("", extra={"text": "Epson TM-20", "quote": quote})
    assert "«¿Qué modelo es?»\nEpson TM-20" in (await ada.last()).text
    await ada.says("", extra={"text": "otra", "quote": quote | {"text": "todo el mensaje", "is_manual": False}})
    assert "todo el mensaje" not in (await ada.last()).text


@ON_ONE
async def test_an_address_behind_a_word_is_not_lost(ada: Customer):
    link = {"type": "text_link", "offset": 3, "length": 4, "url": "https://sri.example/error"}
    odd = {"type": "text_link", "offset": 90, "length": 5, "url": "https://lejos.example"}
    await ada.says(
        "", extra={"text": "😀 aquí sale", "entities": [link, odd, {"type": "hologram", "offset": 0, "length": 1}]}
    )
    assert "😀 aquí (https://sri.example/error) sale (https://lejos.example)" in (await ada.last()).text


def test_every_kind_the_library_knows_has_its_place_in_the_table():
    """Where a new version of it knows more, somebody decides what the desk makes of that."""
    known = {slot for kind in telegram.Message.__mro__ for slot in getattr(kind, "__slots__", ())}
    ours = {"effective_attachment", "api_kwargs"}
    names = {"from" if name == "from_user" else name for name in known if not name.startswith("_")} - ours
    assert names == set(kinds.MESSAGE)
    assert {str(kind.value) for kind in constants.MessageType} <= names | {"text"}
    assert {str(kind.value) for kind in constants.UpdateType} == set(kinds.UPDATES)


def test_what_the_table_says_is_read_is_read():
    assert {*update.PARTS, "message_id", "chat", "from"} == kinds.READ
    assert update.PARTS.keys() <= {field.name for field in fields(update.Message)}


def test_the_manual_names_every_kind():
    manual = (Path(__file__).parents[2] / "docs/telegram.md").read_text()
    missing = [name for name in {**kinds.MESSAGE, **kinds.UPDATES} if f"`{name}`" not in manual]
    assert not missing


@ON_ONE
async def test_before_the_log_in_whatever_comes_leads_to_it(live: LiveDesk):
    carla = await live.customer("Carla", "+593970000000")
    for content in ({"sticker": STICKER}, {"location": PLACE}, {"extra": {"hologram": {"depth": 3}}}):
        before = len(await carla.reads())
        await carla.says("", **content)
        assert len(await carla.reads()) == before + 1
        assert "RUC" in (await carla.last()).text
    assert await troubled(live) == []


async def test_a_group_reads_one_polite_line_ever(live: LiveDesk, ada: Customer):
    group = -1001234567890
    lines = [{"message": raw(group, kind="supergroup", sender=ada.id, text=f"línea {n}")} for n in range(3)]
    await injects(live, *lines)
    await injects(live, {"edited_message": raw(group, kind="supergroup", sender=ada.id, text="otra")})
    said = [message["text"] for message in (await live.sim(f"/sim/chats/{group}"))["messages"] if message["from_bot"]]
    assert said == ["Atendemos a cada cliente en un chat privado. Escríbame ahí, por favor."]
    assert "RUC" not in (await ada.last()).text


@ON_ONE
@pytest.mark.parametrize(
    "refusal",
    [
        {"kind": "400", "description": "not enough rights to send text messages to the chat"},
        {"kind": "400", "migrate_to_chat_id": -1009876543210},
        {"kind": "403", "description": "bot was kicked from the group chat"},
    ],
    ids=["silent", "upgraded", "thrown out"],
)
async def test_a_group_where_the_bot_may_not_write_is_nobodys_trouble(
    live: LiveDesk, ada: Customer, refusal: dict[str, Any]
):
    group = -1001234567890
    await live.sim("/sim/faults", [{"method": "sendMessage", "chat_id": group, **refusal}])
    before = len(await live.sim("/sim/journal"))
    await injects(live, {"message": raw(group, kind="supergroup", sender=ada.id, text="hola")})
    calls = [entry for entry in (await live.sim("/sim/journal"))[before:] if entry["method"] != "getUpdates"]
    assert [(entry["method"], entry["chat_id"]) for entry in calls] == [("sendMessage", group)]
    async with live.database.read() as session:
        facts = await health.facts(session, Watched(live.folder), moment=now())
        to_group = select(OutboxRow.state).where(OutboxRow.lane == str(group))
        assert list(await session.scalars(to_group)) == [DeliveryState.CANCELLED]
    assert facts.troubled == 0


@ON_ONE
async def test_a_live_place_that_moves_is_not_answered_at_each_step(live: LiveDesk, ada: Customer):
    place = await ada.says("", location=PLACE)
    question = await ada.last()
    moved = {"latitude": -2.2, "longitude": -79.9}
    moves = [
        {"edited_message": raw(ada.id, sender=ada.id, edit_date=step, location=moved) | {"message_id": place}}
        for step in range(3)
    ]
    before = len(await ada.reads())
    await injects(live, *moves)
    assert len(await ada.reads()) == before
    assert (await ada.last()).text == question.text


async def test_updates_of_other_kinds_or_with_parts_missing_break_nothing(live: LiveDesk, ada: Customer):
    user = {"id": ada.id, "is_bot": False, "first_name": "Ada"}
    bot = {"id": 1000000001, "is_bot": True, "first_name": "Ventanilla"}
    member = {"user": bot, "status": "member"}
    change = {"from": user, "date": 1, "old_chat_member": member, "new_chat_member": member}
    await injects(
        live,
        {},
        {"message": raw(ada.id, text="sin remitente")},
        {"message": raw(ada.id, sender=ada.id)},
        {"message": raw(ada.id, sender=ada.id, text="")},
        {"message": raw(ada.id, sender=ada.id, photo=[])},
        {"message": raw(ada.id) | {"from": bot}},
        {"channel_post": raw(-100777, kind="channel", text="Oferta")},
        {"edited_channel_post": raw(-100777, kind="channel", text="Ofertas")},
        {"my_chat_member": change | {"chat": {"id": -5, "type": "group", "title": "Oficina"}}},
        {"my_chat_member": change | {"chat": {"id": ada.id, "type": "private"}}},
        {"callback_query": {"id": "1", "from": user, "chat_instance": "1", "data": "ticket:1"}},
        {"callback_query": {"id": "2", "from": user, "chat_instance": "1"}},
        {"callback_query": {"id": "3", "from": user, "chat_instance": "1", "data": "otra-época:1"}},
        {"callback_query": {"id": "4", "from": user, "chat_instance": "1", "game_short_name": "ajedrez"}},
        {"inline_query": {"id": "5", "from": user, "query": "", "offset": ""}},
        {"poll": POLL},
        {
            "message_reaction": {"chat": {"id": ada.id, "type": "private"}, "message_id": 1, "date": 1, "user": user}
            | {"old_reaction": [], "new_reaction": []}
        },
        {"hologram": {"from": user}},
    )
    assert await troubled(live) == []
    await ada.says("/ayuda")
    assert "conteste aquí mismo" in (await ada.last()).text
    async with live.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(InboxRow)) == 20
