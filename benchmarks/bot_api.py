"""The simulator as a process of its own, and what is asked of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.figures import BenchmarkError
from benchmarks.processes import START_SECONDS, Process, python
from benchmarks.run import Run

TOKEN = "1000000001:simulator"
# Seldom enough to cost nothing; when an answer came is read from the journal, not from here.
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Answer:
    """A call that arrived at ``arrived`` and was answered at ``done``, in seconds of the monotonic clock."""

    chat_id: int
    text: str
    arrived: float
    done: float
    message_id: int


class BotApi:
    """Starts a simulator of its own; ``url`` is where bots find it."""

    def __init__(self, run: Run, name: str) -> None:
        command = python("-m", "bot.simulator", "--port", "0", "--smtp-port", "0", "--seed", str(run.seed))
        self.process = run.stack.enter_context(Process(command, run.folder / f"{run.name}-{name}.log"))
        self.url = self.process.says(r"Telegram simulado: (\S+)")
        self._http = run.stack.enter_context(httpx.Client(base_url=self.url, timeout=60))

    def ask(self, path: str, body: object = None, method: str = "") -> Any:
        answer = self._http.request(method or ("GET" if body is None else "POST"), path, json=body)
        answer.raise_for_status()
        return answer.json()

    def people(self, count: int) -> list[int]:
        """Made-up people who have pressed Start once; their chats."""
        chats: list[int] = self.ask("/sim/load", {"users": count, "per_user": 1, "text": "/start"})["users"]
        self.ask("/sim/updates", method="DELETE")
        return chats

    def wait_for_poll(self, process: Process) -> None:
        """Return when a bot is asking for updates."""
        deadline = time.monotonic() + START_SECONDS
        while not self.ask("/sim/idle")["polling"]:
            process.check()
            if time.monotonic() > deadline:
                raise BenchmarkError(f"nobody asked for updates: …{process.output[-600:]}")
            time.sleep(LOOK_SECONDS / 2)

    @property
    def position(self) -> int:
        """The number of the newest request."""
        return int(self.ask("/sim/idle")["last_request"])

    def answers(self, *, after: int) -> list[Answer]:
        """The messages sent after that request, in the order they arrived."""
        journal = self.ask(f"/sim/journal?method=sendMessage&after={after}")
        return [_answer(entry) for entry in journal if entry["verdict"] == "ok"]

    def wait_for_answers(self, count: int, *, after: int, seconds: float) -> list[Answer]:
        """At least ``count`` messages sent after that request. Raises BenchmarkError when they do not come."""
        deadline = time.monotonic() + seconds
        answers: list[Answer] = []
        while len(answers) < count:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{len(self.answers(after=after))} of {count} answers within {seconds:.0f} s")
            time.sleep(LOOK_SECONDS)
            idle = self.ask("/sim/idle")
            if idle["last_request"] - after >= count and not idle["open_requests"]:
                answers = self.answers(after=after)
        return answers

    def inject(self, messages: Sequence[Mapping[str, Any]]) -> float:
        """Queue messages of people; the moment just before."""
        moment = time.monotonic()
        self.ask("/sim/updates", [{"message": message} for message in messages])
        return moment

    def forget(self) -> None:
        self.ask("/sim/journal", method="DELETE")


def _answer(entry: Mapping[str, Any]) -> Answer:
    done = entry["at"] + entry["seconds"]
    return Answer(entry["chat_id"], str(entry["params"].get("text", "")), entry["at"], done, entry["message_id"])
