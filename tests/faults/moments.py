"""When to kill: at random, or right when something is under way, as the simulator's journal shows it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx

LONGEST = 15.0  # seconds to wait for the moment; then any moment is as good
STEP = 0.003
JITTER = 0.02

SENDS = frozenset({"sendmessage", "senddocument", "editmessagetext", "deletemessage", "answercallbackquery"})


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
            "while starting": self._starting,
        }

    async def newborn(self) -> None:
        """A round begins: what the journal holds until now is another story."""
        self._born = (await self._sim.get("/sim/idle")).json()["last_request"]
        self._deadline = time.monotonic() + LONGEST
        for event in self._submits:
            event.clear()

    async def alive(self) -> None:
        """Wait until the desk has asked for updates, a moment longer, or give up."""
        await self._until(lambda: self._answered("getUpdates"))
        await asyncio.sleep(self._rng.uniform(0, JITTER))

    async def wait(self) -> str:
        """Wait for a moment drawn by the seed; returns what it was."""
        name = self._rng.choice(list(self._kinds))
        has_come = await self._kinds[name]()
        await asyncio.sleep(self._rng.uniform(0, JITTER))
        return name if has_come else f"{name}: did not come"

    async def _until(self, has_come: Callable[[], Awaitable[bool]]) -> bool:
        while time.monotonic() < self._deadline:
            if await has_come():
                return True
            await asyncio.sleep(STEP)
        return False

    async def _entries(self, method: str) -> list[dict[str, Any]]:
        answer = await self._sim.get("/sim/journal", params={"after": self._born, "method": method})
        entries: list[dict[str, Any]] = answer.json()
        return entries

    async def _some_request(self) -> bool:
        wanted = self._born + self._rng.randint(1, 60)

        async def is_there() -> bool:
            return bool((await self._sim.get("/sim/idle")).json()["last_request"] >= wanted)

        return await self._until(is_there)

    async def _handed_out(self) -> bool:
        wanted = self._rng.randint(1, 4)

        async def are_there() -> bool:
            polls = await self._entries("getUpdates")
            return sum(bool(entry["update_ids"]) for entry in polls) >= wanted

        return await self._until(are_there)

    async def _call_arrives(self) -> bool:
        wanted = self._rng.randint(1, 8)

        async def is_there() -> bool:
            return sum(entry["method"].lower() in SENDS for entry in await self._entries("")) >= wanted

        return await self._until(is_there)

    async def _file_fetched(self) -> bool:
        method = self._rng.choice(("getFile", "file"))

        async def is_there() -> bool:
            return bool(await self._entries(method))

        return await self._until(is_there)

    async def _form_sent(self) -> bool:
        async def is_sent() -> bool:
            return any(event.is_set() for event in self._submits)

        is_up = await self._until(lambda: self._answered("getUpdates"))
        for event in self._submits:
            event.clear()
        return is_up and await self._until(is_sent)

    async def _answered(self, method: str) -> bool:
        return bool(await self._entries(method))

    async def _starting(self) -> bool:
        await asyncio.sleep(self._rng.uniform(0, self._start_seconds))
        return True
