"""Files of customers: fetched after the commit, again and again, or given up in words."""

import asyncio
import random

import pytest
import time_machine
from sqlalchemy import select, update

from bot.files import LEAST_TRIES
from core.models import Attachment, FileState
from tests.bot.conftest import later
from tests.desk import Customer, LiveDesk
from tests.patience import PATIENCE

# The loop is the same on both databases, and the network is what goes wrong here.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

MEGABYTE = 1024 * 1024
UNAVAILABLE = "wrong file_id or the file is temporarily unavailable"


async def the_file(live: LiveDesk) -> Attachment:
    async with live.database.read() as session:
        attachment = await session.scalar(select(Attachment).order_by(Attachment.id.desc()).limit(1))
    assert attachment is not None
    return attachment


async def sends(live: LiveDesk, customer: Customer, name: str, content: bytes, **more: str) -> None:
    """Without waiting for the desk."""
    data = {"kind": "document", "filename": name, **more}
    await live.upload(f"/sim/chats/{customer.id}/messages", data, (name, content))


async def until_fetched(
    live: LiveDesk, clock: time_machine.Traveller, state: FileState, *, step: float = 2
) -> Attachment:
    async with asyncio.timeout(PATIENCE):
        while not (found := await last_or_none(live)) or found.state is not state:
            later(live, clock, step)
            await asyncio.sleep(0.02)
    await live.settle()
    return found


async def last_or_none(live: LiveDesk) -> Attachment | None:
    async with live.database.read() as session:
        return await session.scalar(select(Attachment).order_by(Attachment.id.desc()).limit(1))


async def test_the_bytes_are_fetched_whole(live: LiveDesk, ada: Customer):
    content = random.Random(7).randbytes(2 * MEGABYTE)
    await ada.sends("respaldo.mdb", content)
    fetched = await the_file(live)
    assert (fetched.state, fetched.size, fetched.attempts) == (FileState.STORED, len(content), 0)
    assert await live.parts.store.read(fetched.sha256 or "") == content


async def test_a_file_is_fetched_again_until_telegram_gives_it(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    await live.sim(
        "/sim/faults",
        [
            {"method": "getFile", "kind": "500", "times": 2},
            {
                "method": "getFile",
                "kind": "400",
                "description": "wrong file_id or the file is temporarily unavailable",
            }
            | {"times": 1},
            {"method": "getFile", "kind": "drop_after", "times": 1},
        ],
    )
    await sends(live, ada, "firma.p12", b"\x30\x82")
    fetched = await until_fetched(live, clock, FileState.STORED)
    assert fetched.attempts == 4
    assert await live.parts.store.read(fetched.sha256 or "") == b"\x30\x82"
    assert not [said for said in await ada.reads() if "No pudimos recibir" in said.text]


async def test_a_file_is_not_asked_for_before_telegram_said(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    await live.sim("/sim/faults", [{"method": "getFile", "kind": "429", "retry_after": 40, "times": 1}])
    await sends(live, ada, "firma.p12", b"\x30\x82")
    await until_fetched(live, clock, FileState.STORED)
    refused, asked = await live.sim("/sim/journal?method=getFile")
    assert asked["wall"] - refused["wall"] >= 40


async def test_a_file_too_big_is_refused_in_words_at_once(live: LiveDesk, ada: Customer):
    await ada.sends("enorme.zip", fake_size=21 * MEGABYTE)
    assert "enorme.zip pesa más de 20 MB" in (await ada.last()).text
    assert await last_or_none(live) is None


async def test_a_file_that_turns_out_too_big_is_given_up_in_words_once(live: LiveDesk, ada: Customer):
    """Telegram did not tell the size of it with the message."""
    await ada.sends("enorme.zip", fake_size=21 * MEGABYTE)
    document = {**next(m for m in (await ada.chat())["messages"] if m.get("document"))["document"]}
    del document["file_size"]
    await ada.says("", document=document)
    await live.settle()
    given_up = await the_file(live)
    assert (given_up.state, given_up.due_at) == (FileState.FAILED, None)
    said = [message.text for message in await ada.reads() if "No pudimos recibir enorme.zip" in message.text]
    assert len(said) == 1


async def test_after_a_day_a_file_is_given_up_in_words(live: LiveDesk, ada: Customer, clock: time_machine.Traveller):
    """Not for a clock that was put forward: as many tries as take a while come first."""
    await live.sim("/sim/faults", [{"method": "getFile", "kind": "500"}])
    await sends(live, ada, "firma.p12", b"\x30\x82")
    await until_fetched(live, clock, FileState.PENDING)
    later(live, clock, 86_400 + 60)
    given_up = await until_fetched(live, clock, FileState.FAILED, step=60)
    assert given_up.attempts == LEAST_TRIES
    assert "No pudimos recibir firma.p12" in (await ada.last()).text


async def test_what_a_customer_may_not_have_is_refused_in_words(live: LiveDesk, ada: Customer):
    """Harmful: from nobody. Too large: Telegram would not take it."""
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("virus.exe", b"MZ")
    await ada.says(f"/buscar {number}")
    for change, words in (
        ({"state": FileState.QUARANTINED, "error": "Win.Test.EICAR"}, "Este archivo era dañino"),
        ({"state": FileState.STORED, "telegram_file_id": None, "size": 51 * MEGABYTE}, "más de los 50 MB"),
        ({"state": FileState.PENDING, "due_at": None, "telegram_file_id": None}, "todavía no llega"),
    ):
        async with live.database.write() as session:
            await session.execute(update(Attachment).values(**change))
        answered = await ada.taps("Archivo: virus.exe")
        assert words in answered["text"]
        assert not [said for said in await ada.reads() if said.document == "virus.exe"]
