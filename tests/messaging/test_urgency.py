"""Between chats the urgent goes first, within the limits the desk has by default; seen from Telegram's side."""

import pytest

from core.models import Urgency
from tests.messaging.wire import ADA, Wire

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

EACH = 15
BURST = 5  # of all chats together, at 25 a second


@pytest.fixture
async def crowd(wire: Wire) -> list[int]:
    """Chats of their own for every push, and the limits as they are by default."""
    wire.limits = {"per_second": 25.0, "per_chat": 1.0, "burst": 3}
    made: list[int] = (await wire.sim("/sim/load", {"users": 3 * EACH, "text": "/start"}))["users"]
    return made


async def test_answers_go_before_news_and_news_before_reminders_at_25_a_second(wire: Wire, crowd: list[int]):
    backwards = [urgency for urgency in reversed(Urgency) for _ in range(EACH)]
    rows = [await wire.put(chat, urgency, urgency=urgency) for chat, urgency in zip(crowd, backwards, strict=True)]
    wire.start()
    await wire.wait_for(lambda: hurried(wire, *rows))
    calls = sorted(await wire.calls(), key=lambda entry: entry["wall"])
    said = [entry["params"]["text"] for entry in calls]
    wanted = [urgency for urgency in Urgency for _ in range(EACH)]
    # what is allowed at the same moment may overtake each other on the way
    assert [urgency for urgency in said if urgency not in wanted] == []
    for place, urgency in enumerate(said):
        assert urgency in wanted[max(place - BURST, 0) : place + BURST + 1], (place, said)
    # a call that is held up on its way looks as if it had hurried after the one before: only the whole tells
    assert calls[-1]["wall"] - calls[0]["wall"] > 0.75 * (len(calls) - BURST) / 25


async def test_an_answer_does_not_wait_for_the_news_of_others(wire: Wire, crowd: list[int]):
    news = [await wire.put(chat, "novedad", urgency=Urgency.NEWS) for chat in crowd]
    wire.start()
    await wire.wait_for(lambda: hurried(wire, news[0]))
    answer = await wire.put(ADA, "respuesta")
    await wire.wait_for(lambda: hurried(wire, *news, answer))
    said = [entry["params"]["text"] for entry in await wire.calls()]
    assert said.index("respuesta") < len(news) - 10


async def hurried(wire: Wire, *rows: int) -> bool:
    """Whether they are sent; time runs four times as fast, no faster: a call has to arrive when it was made."""
    wire.later(0.03)
    return await wire.states(*rows) == {"sent"}
