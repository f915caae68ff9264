"""The control API: people, waiting, refusals with a sentence, and who may give orders."""

import asyncio

import pytest

from bot.simulator import Character
from tests.simulator.conftest import ADA


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sim/chats/700000001/tap", {"message_id": "uno"}),
        ("/sim/chats/uno/messages", {"text": "hola"}),
        ("/sim/chats/700000001/messages", [1]),
        ("/sim/chats/700000001/messages", {}),
        ("/sim/load", {"users": "muchos"}),
        ("/sim/clock", {"advance_seconds": [1]}),
        ("/sim/mail-faults", {"kind": "999"}),
    ],
)
async def test_nonsense_is_refused_with_a_sentence(control, path, body):
    answer = await control.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_new_people_can_be_added_and_orders_of_other_pages_are_refused(control):
    person = {"first_name": "Carla", "phone": "+593991000003"}
    added = await control.post("/sim/people", json=person)
    assert added.status_code == 201
    assert Character(**added.json()).name == "Carla"
    foreign = await control.post("/sim/people", json=person, headers={"Origin": "https://otra.ec"})
    assert foreign.status_code == 403


async def test_the_pages_may_load_nothing_from_elsewhere(control):
    for path in ("/", "/correo"):
        page = await control.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert '<html lang="es">' in page.text


async def test_the_settled_moment_can_be_awaited(bot, ada, control):
    await ada.says("hola")
    waiting = asyncio.create_task(control.get("/sim/idle", params={"timeout": 30}))
    (update,) = await bot.get_updates()
    await bot.send_message(ADA.id, "Buenos días")
    await bot.get_updates(offset=update.update_id + 1)
    facts = (await waiting).json()
    assert (facts["idle"], facts["pending_updates"], facts["open_requests"]) == (True, 0, 0)


async def test_changes_of_one_chat_are_streamed(bot, ada, control):
    async with control.stream("GET", f"/sim/chats/{ADA.id}/events") as events:
        lines = events.aiter_lines()
        while "hello" not in await anext(lines):
            pass
        await bot.send_message(ADA.id, "en vivo")
        while "en vivo" not in (line := await anext(lines)):
            pass
        assert '"kind": "message"' in line
