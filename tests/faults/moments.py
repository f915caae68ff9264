"""When to kill: at random, or right when something is under way, as the simulator's journal shows it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import httpx

LONGEST = 15.0  # seconds to wait for the moment; then any moment is as good
JITTER = 0.02
STARTING = "while starting"

SENDS = ("sendMessage", "sendDocument", "editMessageText", "deleteMessage", "answerCallbackQuery")


class Moments:
    """Waits for moments of the desk's present life; the journal is read from its start on."""

    def __init__(
        self, sim: httpx.AsyncClient, rng: random.Random, submits: Sequence[asyncio.Event], *, start_seconds: float
    ) -> None:
        self._sim, self._rng, self._submits, self._start_seconds = sim, rng, submits, start_seconds
        self._born = 0
        self._kinds: Mapping[str, Callable[[], Awaitable[bool]]] = {
            "any request": self._some_request,
            "updates handed out": self._handed_out,
            "a call arrives": self._call_arrives,
            "a file is fetched": self._file_fetched,
            "a form is sent": self._form_sent,
            STARTING: self._starting,
        }

    async def newborn(self) -> None:
        """A round begins: what the journal holds until now is another story."""
        self._born = (await self._sim.get("/sim/idle")).json()["last_request"]
        self._deadline = time.monotonic() + LONGEST
        for event in self._submits:
            event.clear()

    async def alive(self) -> None:
        """Wait until the desk has asked for updates, a moment longer, or give up."""
        await self._come(1, "getUpdates")
        await asyncio.sleep(self._rng.uniform(0, JITTER))

    async def wait(self) -> str:
        """Wait for a moment drawn by the seed; returns what it was."""
        name = self._rng.choice(list(self._kinds))
        has_come = await self._kinds[name]()
        await asyncio.sleep(self._rng.uniform(0, JITTER))
        return name if has_come else f"{name}: did not come"

    async def _come(self, count: int, *methods: str, handed_out: bool = False) -> bool:
        """Whether the journal has that many entries of these methods in time; the simulator says it at once."""
        wish = {"after": self._born, "at_least": count, "method": ",".join(methods)}
        wish |= {"handed_out": "yes"} if handed_out else {}
        rest = max(0.0, self._deadline - time.monotonic())
        answer = await self._sim.get("/sim/journal", params=wish | {"timeout": rest})
        return len(answer.json()) >= count

    async def _some_request(self) -> bool:
        return await self._come(self._rng.randint(1, 60))

    async def _handed_out(self) -> bool:
        return await self._come(self._rng.randint(1, 4), "getUpdates", handed_out=True)

    async def _call_arrives(self) -> bool:
        return await self._come(self._rng.randint(1, 8), *SENDS)

    async def _file_fetched(self) -> bool:
        return await self._come(1, self._rng.choice(("getFile", "file")))

    async def _form_sent(self) -> bool:
        if not await self._come(1, "getUpdates"):
            return False
        for event in self._submits:
            event.clear()
        sent = [asyncio.ensure_future(event.wait()) for event in self._submits]
        rest = max(0.0, self._deadline - time.monotonic())
        done, others = await asyncio.wait(sent, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        return bool(done)

    async def _starting(self) -> bool:
        await asyncio.sleep(self._rng.uniform(0, self._start_seconds))
        return True
