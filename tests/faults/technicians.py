"""Technicians at the panel of a desk that keeps dying: every form is sent until it is answered.

What they take back they take back by the REST interface, under one key however often it is sent.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from tests.admin.browser import Browser
from tests.faults.phone import NothingHappensError
from tests.faults.told import Closed, Replied, Retracted, Sent, Told

PATIENCE = 90.0  # seconds a form is tried: the desk starts anew many times meanwhile
PASSWORD = "una frase larga"
CLOSURES = ("warranty", "implementation", "invoiced", "invoiced")


class TechnicianAtWork:
    """Takes numbers from the queue; ``submits`` is set whenever a form is on its way."""

    def __init__(
        self,
        panel: httpx.AsyncClient,
        username: str,
        *,
        token: str,
        told: Told,
        numbers: "asyncio.Queue[int]",
        seed: int,
    ) -> None:
        self._browser, self._username, self._token = Browser(panel), username, token
        self._told, self.numbers = told, numbers
        self._rng = random.Random(f"{seed}-{username}")
        self._count = 0
        self.submits = asyncio.Event()

    async def enter(self) -> None:
        """Log in, before the troubles begin: a log-in that dies half-way counts as a wrong password."""
        await self._until_answered(self.log_in)

    async def look(self) -> None:
        """Open the queue. Raises httpx.TransportError."""
        answer = await self._browser.opens("/")
        assert answer.status_code == 200, f"the panel answers {answer.status_code}"

    async def play(self, is_over: Callable[[], bool]) -> None:
        """Until everybody has stopped writing and the last ticket was looked at."""
        while not (is_over() and self.numbers.empty()):
            try:
                async with asyncio.timeout(0.2):
                    number = await self.numbers.get()
            except TimeoutError:
                continue
            await self._work_on(number)

    async def log_in(self) -> httpx.Response:
        answer = await self._browser.opens("/")
        is_in = answer.url.path != "/login"  # the desk may have died with the answer to a log-in on its lips
        return answer if is_in else await self._browser.log_in(self._username, PASSWORD)

    async def _work_on(self, number: int) -> None:
        deeds = ["reply"] * self._rng.randint(1, 2) + ["note"] * self._rng.randint(0, 1)
        self._rng.shuffle(deeds)
        for deed in deeds:
            text = await self.write(number, deed)
            if deed == "reply" and self._rng.random() < 0.25:
                await self.retract(number, text)
        if self._rng.random() < 0.7:
            await self.close(number)

    def _words(self, kind: str) -> str:
        self._count += 1
        return f"{self._username}-{kind}-{self._count:03} revise <cable> & reinicie, por favor. fin{self._count:03}"

    async def write(self, number: int, deed: str) -> str:
        """What was written."""
        self._count += 1
        text = self._words(deed)
        content = self._rng.randbytes(2000)
        files = [Sent(f"{self._username}-{self._count}.bin", content)] if self._rng.random() < 0.25 else []
        await self._fill_in(number, f"/{deed}", files=files, text=text)
        hashes = tuple(file.sha256 for file in files)
        self._told.replied.append(Replied(number, text, hashes, is_note=deed == "note"))
        return text

    async def retract(self, number: int, text: str) -> None:
        """Take back an answer, at times while it is on its way to the chat."""
        panel, path = self._browser.client, f"/api/v1/tickets/{number}"
        mine = {"Authorization": f"Bearer {self._token}"}
        shown = await self._until_answered(lambda: panel.get(path, headers=mine))
        (position,) = [one["number"] for one in shown.json()["articles"] if one["text"] == text]
        once = mine | {"Idempotency-Key": text.split(" ")[0]}
        address = f"{path}/articles/{position}/retract"
        answer = await self._until_answered(lambda: panel.post(address, headers=once))
        # a key is good for a day, which a clock put forward may end between two tries
        is_known = answer.status_code == 409 and not self._told.is_clock_right
        if answer.status_code != 200 and not is_known:
            raise NothingHappensError(f"{address} was refused with {answer.status_code}: {answer.text[:300]}")
        self._told.retracted.append(Retracted(number, text))

    async def close(self, number: int) -> None:
        cause, minutes = self._words("causa"), self._rng.choice((0, 4, 15, 20, 45, 130))
        for closure in (self._rng.choice(CLOSURES), "warranty"):
            typed = {"closure": closure, "cause": cause, "solution": self._words("arreglo"), "minutes": str(minutes)}
            # purchased hours run out: then it is on the house
            if await self._fill_in(number, "/closure", may_be_refused=closure == "implementation", **typed):
                self._told.closed.append(Closed(number, closure, minutes, cause))
                return

    async def _fill_in(
        self,
        number: int,
        ending: str,
        *,
        files: Sequence[Sent] = (),
        may_be_refused: bool = False,
        **typed: str,
    ) -> bool:
        """Open the ticket, fill in a form and send it, the same one again where no answer came."""
        browser = self._browser
        uploads = [(file.name, file.content, "application/octet-stream") for file in files]
        is_sent = False
        deadline = time.monotonic() + PATIENCE
        while not is_sent and time.monotonic() < deadline:
            await self._until_answered(lambda: browser.opens(f"/tickets/{number}"))
            if browser.is_at("/login"):
                await self._until_answered(self.log_in)
                continue
            await self._until_answered(lambda: browser.sends(ending, files=uploads, **typed))
            while browser.status == 409 and "Desde que usted abrió la página" in browser.answer.text:
                # a customer has written meanwhile; the files are kept with the form
                await self._until_answered(lambda: browser.sends(ending, **typed))
            is_sent = browser.status != 401  # a log-in that is over by a clock put forward
        if is_sent and browser.status == 200:
            return True
        if may_be_refused:
            return False
        raise NothingHappensError(f"#{number}{ending} was refused with {browser.status}: {browser.text[:600]}")

    async def _until_answered(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The desk may be dead or die now: the same again, until it answers with anything but an error of its own."""
        deadline = time.monotonic() + PATIENCE
        trouble = ""
        while time.monotonic() < deadline:
            before = self._browser.answer
            self.submits.set()
            try:
                answer = await ask()
                if answer.status_code < 500:
                    return answer
                trouble = f"{answer.status_code}: {answer.text[:300]}"
            except httpx.TransportError as error:
                trouble = repr(error)
            # the form is still the one that stands in the browser
            self._browser.answer = before
            await asyncio.sleep(0.05)
        raise NothingHappensError(f"{self._username} got no answer from the panel for {PATIENCE} s: {trouble}")
