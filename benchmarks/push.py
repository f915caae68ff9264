"""From Enviar respuesta to the sendMessage at the Bot API: one desk in one process, nothing else to do."""

import re
import time
from collections.abc import Iterable

import httpx

from benchmarks import desk, load
from benchmarks.bot_api import BotApi
from benchmarks.figures import BenchmarkError, Figure, percentile
from benchmarks.panel import Panel
from benchmarks.run import Run

PATIENCE = 10.0


def measure(run: Run) -> Iterable[Figure]:
    return _measure(run, replies=run.size(300, 60), customers=20, seconds=18 if run.quick else 90)


def measure_long(run: Run) -> Iterable[Figure]:
    """Enough of them for the slowest one in a hundred to mean something."""
    return _measure(run, replies=run.size(10_000, 200), customers=200, seconds=1800)


def _measure(run: Run, *, replies: int, customers: int, seconds: float) -> Iterable[Figure]:
    """A round is one reply; the page is opened before, and the next reply waits for the push of this one."""
    api = BotApi(run, "api")
    ours = desk.start(run, api, roles=(), customers=customers)
    panel = Panel(run.stack.enter_context(httpx.Client(base_url=ours.panel, timeout=30)))
    panel.log_in(desk.USERNAME, desk.PASSWORD)
    numbers = _ticket_numbers(api)
    dice = run.dice()
    pushed, answered = [], []
    for turn in run.rounds(replies, seconds=seconds):
        form = panel.form(f"/tickets/{numbers[turn % len(numbers)]}", "/reply")
        before, begun = api.position, time.monotonic()
        panel.send(form, text=f"[{turn}] {load.sentence(dice)}.")
        answered.append(1000 * (time.monotonic() - begun))
        pushed.append(1000 * (_arrival(api, f"[{turn}]", after=before) - begun))
        if turn % max(100, replies // 20) == 0:
            run.say(f"{turn} replies, median {percentile(pushed, 50):.0f} ms")
    for name, values in (("sendMessage arrives", pushed), ("panel answers the form", answered)):
        for percent in (50, 99):
            yield Figure(f"{name}, p{percent} of {len(values)}", "ms", [percentile(values, percent)])


def _ticket_numbers(api: BotApi) -> list[int]:
    """The desk's tickets, from the pushes that told of them."""
    return sorted({int(found[1]) for answer in api.answers(after=0) if (found := re.search(r"#(\d+)", answer.text))})


def _arrival(api: BotApi, mark: str, *, after: int) -> float:
    """When the push with this mark reached the Bot API, on the clock we share with it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for answer in api.answers(after=after):
            if mark in answer.text:
                return answer.arrived
        time.sleep(0.002)
    raise BenchmarkError(f"the push of reply {mark} did not come within {PATIENCE:.0f} s")
