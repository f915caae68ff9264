"""Every way a push can go wrong, and what the customer gets to see of it."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from core.clock import now
from core.models import Person
from core.rules.limits import TELEGRAM_UPLOAD_LIMIT
from tests.faults.delivery_checks import REPEATED
from tests.messaging.wire import ADA, BRUNO, Wire, words

# What Telegram says means the same whatever the database: the order and the start are proved on both.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

TWICE = [
    {"kind": "drop_after"},
    {"kind": "500_after"},
    {"kind": "truncated"},
    {"kind": "hang_after", "seconds": 0.05},
]
NEVER = [{"kind": "500"}, {"kind": "502html"}, {"kind": "drop_before"}, {"kind": "hang_before", "seconds": 0.05}]


def named(fault: dict[str, object]) -> str:
    return str(fault["kind"])


async def test_a_push_waits_out_a_network_that_is_down(wire: Wire):
    port = await wire.hang_up()
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.wait_for(lambda: tried(wire, row))
    for _ in range(3):
        wire.later(70)
    assert (await wire.row(row)).state == "queued"
    await wire.open(port=port)
    sent = await wire.until(row, "sent", hours_fly=True)
    assert sent.doubts == 0
    assert await wire.reads(ADA) == ["uno"]


async def tried(wire: Wire, row: int) -> bool:
    return "not_sent" in await wire.outcomes(row)


async def test_after_429_nothing_goes_to_that_chat_before_its_time_while_others_flow(wire: Wire):
    await wire.fails("429", retry_after=7, times=1, chat_id=ADA)
    first, second = await wire.put(ADA, "uno"), await wire.put(ADA, "dos")
    wire.start()
    await wire.wait_for(lambda: refused(wire, first))
    wire.later(6)
    await wire.put(ADA, "", method="sendChatAction", payload={"action": "typing"})
    await wire.until(await wire.put(BRUNO, "para Bruno"), "sent")
    assert len(await wire.calls("sendMessage", "sendChatAction", chat=ADA)) == 1
    await wire.until(second, "sent", hours_fly=True)
    calls = await wire.calls(chat=ADA)
    assert words(calls) == ["uno", "uno", "dos"]
    assert calls[1]["wall"] - calls[0]["wall"] >= 7
    assert await wire.reads(ADA) == ["uno", "dos"]


async def refused(wire: Wire, row: int) -> bool:
    return await wire.outcomes(row) == ["refused"]


@pytest.mark.parametrize("fault", [*TWICE, *NEVER], ids=named)
async def test_a_doubtful_push_is_repeated_once_and_says_so(wire: Wire, fault: dict[str, object]):
    await wire.fails(**fault, times=1)
    row, following = await wire.put(ADA, "uno"), await wire.put(ADA, "dos")
    wire.start()
    await wire.until(following, "sent", hours_fly=True)
    assert (await wire.row(row)).doubts == 1
    arrived = ["uno"] if fault in TWICE else []
    assert await wire.reads(ADA) == [*arrived, f"uno\n{REPEATED}", "dos"]


async def test_a_copy_is_marked_in_the_language_of_its_reader(wire: Wire):
    async with wire.database.write() as session:
        session.add(Person(telegram_id=ADA, first_name="Ada", language="en", created_at=now()))
    await wire.fails("drop_after", times=1)
    row = await wire.put(ADA, "one")
    wire.start()
    await wire.until(row, "sent", hours_fly=True)
    assert await wire.reads(ADA) == ["one", "one\n(perhaps repeated)"]


@pytest.mark.parametrize("kind", ["drop_after", "500"])
async def test_a_second_doubt_is_uncertain_and_never_a_third_copy(wire: Wire, kind: str):
    await wire.fails(kind, times=2)
    row, following = await wire.put(ADA, "uno"), await wire.put(ADA, "dos")
    wire.start()
    await wire.until(following, "sent", hours_fly=True)
    wire.later(4000)
    await wire.until(await wire.put(ADA, "tres"), "sent")
    assert (await wire.row(row)).state == "uncertain"
    assert words(await wire.calls(chat=ADA)) == ["uno", f"uno\n{REPEATED}", "dos", "tres"]


async def test_an_outage_with_answers_of_500_drains_nothing(wire: Wire):
    """Only the push that was under way is in doubt; the others wait until getMe answers."""
    await wire.fails("500", times=1)
    await wire.fails("500", method="getMe", times=3)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.wait_for(lambda: doubted(wire, row))
    others = [await wire.put(BRUNO, "dos"), await wire.put(BRUNO, "tres")]
    await wire.until(row, "sent", hours_fly=True)
    await wire.until(others[1], "sent", hours_fly=True)
    calls = await wire.calls("sendMessage", "getMe")
    assert [entry["method"] for entry in calls[:5]] == ["sendMessage", "getMe", "getMe", "getMe", "getMe"]
    gaps = [after["wall"] - before["wall"] for before, after in pairwise(calls[1:5])]
    assert [gap > wait for gap, wait in zip(gaps, (1, 2, 4), strict=True)] == [True, True, True]
    assert await wire.reads(BRUNO) == ["dos", "tres"]


async def doubted(wire: Wire, row: int) -> bool:
    return await wire.outcomes(row) == ["doubtful"]


async def test_a_file_without_words_says_it_may_be_there_twice(wire: Wire):
    stored = await wire.store.put(b"%PDF-1.7 captura")
    document = {"document": {"sha256": stored.sha256, "name": "captura.pdf", "media_type": "application/pdf"}}
    await wire.fails("drop_after", method="sendDocument", times=1)
    row = await wire.put(ADA, "", method="sendDocument", payload=document)
    wire.start()
    await wire.until(row, "sent", hours_fly=True)
    assert await wire.reads(ADA) == ["", REPEATED]


async def test_markup_telegram_cannot_read_comes_as_plain_text(wire: Wire):
    row = await wire.put(ADA, "<b>Revise <i>esto</b> &lt;ya&gt;", payload={"parse_mode": "HTML"})
    wire.start()
    await wire.until(row, "sent")
    assert await wire.reads(ADA) == ["Revise esto <ya>"]


async def test_what_telegram_never_takes_is_dead_after_one_plain_try_and_the_chat_goes_on(wire: Wire):
    row, following = await wire.put(ADA, "x" * 5000), await wire.put(ADA, "dos")
    wire.start()
    await wire.until(following, "sent")
    assert (await wire.row(row)).state == "dead"
    assert await wire.outcomes(row) == ["bad_content", "bad_content"]
    assert await wire.reads(ADA) == ["dos"]


async def test_a_file_that_is_not_in_the_store_is_dead_without_asking_telegram(wire: Wire):
    row = await wire.put(ADA, "", method="sendDocument", payload={"document": {"sha256": "0" * 64, "name": "a.pdf"}})
    wire.start()
    await wire.until(row, "dead")
    assert await wire.calls("sendDocument") == []


async def test_words_whose_file_is_gone_come_without_it(wire: Wire):
    payload = {"document": {"sha256": "0" * 64, "name": "a.pdf"}, "caption": "<b>Cerrado</b>", "parse_mode": "HTML"}
    row = await wire.put(ADA, "", method="sendDocument", payload=payload)
    wire.start()
    await wire.until(row, "sent")
    assert await wire.reads(ADA) == ["Cerrado"]


async def test_a_file_telegram_would_not_take_is_not_read_and_its_words_come_alone(wire: Wire):
    stored = await wire.store.put(b"respaldo")
    with wire.store.path(stored.sha256).open("r+b") as file:
        file.truncate(TELEGRAM_UPLOAD_LIMIT + 1)
    payload = {"document": {"sha256": stored.sha256, "name": "a.zip"}, "caption": "Vea el respaldo"}
    row = await wire.put(ADA, "", method="sendDocument", payload=payload)
    wire.start()
    await wire.until(row, "sent")
    assert await wire.reads(ADA) == ["Vea el respaldo"]
    assert await wire.calls("sendDocument") == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "403"},
        {"kind": "403", "description": "user is deactivated"},
        {"kind": "400", "description": "chat not found"},
    ],
    ids=["blocked", "deactivated", "not found"],
)
async def test_a_chat_that_cannot_be_reached_is_parked_and_known_as_such(wire: Wire, fault: dict[str, str]):
    await wire.know(ADA)
    await wire.fails(**fault, chat_id=ADA)
    rows = [await wire.put(ADA, text) for text in ("uno", "dos", "tres")]
    wire.start()
    await wire.until(await wire.put(BRUNO, "para Bruno"), "sent")
    for row in rows:
        await wire.until(row, "parked")
    assert len(await wire.calls(chat=ADA)) == 1
    async with wire.database.read() as session:
        ada = await session.scalar(select(Person).where(Person.telegram_id == ADA))
    assert ada is not None
    assert ada.blocked_at is not None


async def test_a_refused_token_stops_everything_for_30_seconds_and_loses_nothing(wire: Wire):
    await wire.fails("401", method="*")
    rows = [await wire.put(ADA, "uno"), await wire.put(BRUNO, "dos")]
    wire.start()
    await wire.wait_for(lambda: outcome_is(wire, rows[0], "token"))
    before = await wire.calls("sendMessage", "getMe")
    wire.later(25)
    late = await wire.put(ADA, "tres")
    wire.later(1)
    await wire.wait_for(lambda: looked(wire, len(before)), hours_fly=True)
    calls = await wire.calls("sendMessage", "getMe")
    assert calls[len(before)]["method"] == "getMe"
    assert calls[len(before)]["wall"] - before[-1]["wall"] >= 29.9
    await wire.mends()
    for row in (*rows, late):
        assert (await wire.until(row, "sent", hours_fly=True)).doubts == 0
    assert await wire.reads(ADA) == ["uno", "tres"]


async def outcome_is(wire: Wire, row: int, outcome: str) -> bool:
    return outcome in await wire.outcomes(row)


async def looked(wire: Wire, already: int) -> bool:
    return len(await wire.calls("sendMessage", "getMe")) > already
