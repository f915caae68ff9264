"""Customers in a hurry: they log in and out, open tickets, send albums, answer, tap more often than they should."""

import asyncio
import random
import re
import struct
import zlib
from collections.abc import Callable

from tests.faults.phone import NothingHappensError, Phone, button_of, buttons_of, words_of
from tests.faults.told import Answered, Opened, Sent, Told

PATIENCE = 6.0  # seconds a customer waits before asking again: a message of the desk may be in doubt
TRIES = 25
WORDS = ("factura", "sale en blanco", "año", "ñandú", "<b>negrita</b>", "&", "100 %", "«comillas»", "😀", "kárdex")


class Customer:
    """One person of a company. ``numbers`` takes the tickets for the technicians.

    ``prefers_albums``: answers with several files at once, for the places only an album passes.
    """

    def __init__(
        self,
        phone: Phone,
        name: str,
        ruc: str,
        *,
        password: str,
        told: Told,
        numbers: "asyncio.Queue[int]",
        seed: int,
    ) -> None:
        self._phone, self._name, self._ruc, self._password = phone, name, ruc, password
        self._told, self._numbers = told, numbers
        self._rng = random.Random(f"{seed}-{name}")
        self._count = 0
        self._mine: list[int] = []
        self._starts: list[int] = [0]
        self.prefers_albums = False

    async def play(self, is_over: Callable[[], bool]) -> None:
        """Log in, then one story after the other; the one that was begun is brought to its end."""
        await self.log_in()
        while not is_over():
            number = await self.open_ticket(self._batches())
            self._mine.append(number)
            self._numbers.put_nowait(number)
            for _ in range(2 if self.prefers_albums else self._rng.randint(0, 2)):
                await self.answer(self._rng.choice(self._mine[-3:]))
            if self._rng.random() < 0.25:
                await self.leave()

    async def log_in(self) -> None:
        """All at once, as somebody does who knows the way."""
        self._phone.begin(await self._phone.say("/start"))
        await self._phone.say(self._ruc)
        await self._phone.say(self._password)
        if self._password == self._ruc:
            await self._phone.share_number()

    async def leave(self) -> None:
        """Log out and in again, at once or after a while; some write to a ticket meanwhile and must say it anew."""
        phone, rng = self._phone, self._rng
        phone.begin(await phone.say("/salir"))
        self._told.left.append(phone.id)
        if rng.random() < 0.5:  # killed twice as it goes, the farewell is in doubt: people go on all the same
            await phone.read("^Salió de este chat", seconds=PATIENCE)
        text = self._words("tarde") if rng.random() < 0.5 else ""
        if text:
            await phone.say(text)
        else:
            await asyncio.sleep(rng.choice((0, 0, 1, 3)))
        await self.log_in()
        if text:
            await self._say_anew(rng.choice(self._mine[-3:]), text)

    async def _say_anew(self, number: int, text: str) -> None:
        """What was typed before the log-in was kept for a new ticket, or with words that wait for theirs."""
        kept = await self._phone.read("^¿A qué ticket", "Guardamos lo que escribió", seconds=PATIENCE)
        if kept is not None and words_of(kept[0]).startswith("¿A qué ticket"):
            self._told.answered.append(Answered(self._phone.id, await self._chosen(number, text), text))
            return
        await self._throw_away()
        await self.answer(number, text)

    async def _throw_away(self) -> None:
        """The draft of a ticket that is none."""
        for _ in range(TRIES):
            await self._tap("Cancelar")
            sure = await self._phone.button("Sí, descartar", seconds=PATIENCE)
            if sure is not None and await self._phone.tap(*sure):
                return
        raise NothingHappensError(await self._complaint("the draft of what was typed before the log-in to go"))

    def _words(self, kind: str) -> str:
        """Something nobody else says, neither now nor later."""
        self._count += 1
        longest = 4 if kind == "asunto" else 12  # a subject over 120 characters would be taken as text
        some = " ".join(self._rng.choices(WORDS, k=self._rng.randint(2, longest)))
        return f"{self._name}-{kind}-{self._count:03} {some} fin{self._count:03}."

    def file(self, kind: str = "document") -> Sent:
        self._count += 1
        content = self._rng.randbytes(self._rng.randint(40, 30_000))
        if kind == "photo":
            return Sent(f"foto{self._count}.png", _picture(content[:300]), kind)
        if kind == "voice":
            return Sent(f"voz{self._count}.ogg", content, kind)
        return Sent(f"{self._name}-{self._count}.pdf", content)

    def _batches(self) -> list[list[Sent]]:
        """Nothing, single files, albums."""
        kinds = [self._rng.choice(("document", "document", "photo", "voice", "album")) for _ in range(2)]
        chosen = kinds[: self._rng.randint(0, 2)]
        return [
            [self.file() for _ in range(self._rng.randint(2, 5))] if kind == "album" else [self.file(kind)]
            for kind in chosen
        ]

    async def open_ticket(self, batches: list[list[Sent]]) -> int:
        """Write a ticket with these files, several at once as an album; its number."""
        phone, rng = self._phone, self._rng
        subject, texts = self._words("asunto"), [self._words("texto")]
        self._starts.append(await phone.say("Nuevo ticket"))
        phone.begin(self._starts[-1])
        is_hasty = rng.random() < 0.5
        if is_hasty:
            await phone.say(subject)
        await self._tap("Soporte Técnico")
        await self._tap("SaciJava")
        if not is_hasty:
            await phone.say(subject)
        await phone.say(texts[0])
        for batch in batches:
            caption = self._words("pie") if rng.random() < 0.3 else ""
            texts += [caption] if caption else []
            await phone.send(batch, caption)
        if rng.random() < 0.3:
            texts.append(self._words("texto"))
            await phone.say(texts[-1])
        await self._tap("Listo", "No tengo adjuntos")
        await self._tap("Enviar", times=rng.randint(1, 3))
        files = tuple(file.sha256 for batch in batches for file in batch)
        self._told.opened.append(Opened(phone.id, subject, "\n".join(texts), files))
        return await self._number_of(subject)

    async def _tap(self, *labels: str, times: int = 1) -> None:
        """Tap what the draft card offers; where no card comes, ask for it again."""
        for _ in range(TRIES):
            found = await self._phone.button(*labels, seconds=PATIENCE)
            if found is None:
                await self._phone.say("Nuevo ticket")
            # a file that comes meanwhile makes "No tengo adjuntos" a "Listo" under one's finger
            elif any([await self._phone.tap(*found) for _ in range(times)]):
                return
        raise NothingHappensError(await self._complaint(f"a card with {labels}"))

    async def _number_of(self, subject: str) -> int:
        """From the confirmation, or from the list where the confirmation was lost on the way."""
        token = re.escape(subject.split(" ")[0])
        for _ in range(TRIES):
            found = await self._phone.read(rf"Su ticket es el #(\d+)\n{token}", seconds=PATIENCE)
            if found is not None:
                return int(found[1][1])
            await self._phone.say("Mis tickets")
            listed = await self._phone.button("#", seconds=PATIENCE)
            for label in buttons_of(listed[0]) if listed else []:
                if match := re.search(rf"^#(\d+) .*{token}", label):
                    return int(match[1])
        raise NothingHappensError(await self._complaint(f"the number of «{subject}»"))

    async def answer(self, number: int, text: str = "") -> None:
        """By Responder with words, a file or an album, or by replying to a push with words."""
        rng, phone = self._rng, self._phone
        phone.begin(self._starts[-4:][0])
        push = await phone.read(rf"^#{number} ·", seconds=rng.choice((0, PATIENCE)))
        if push is None:
            return
        sizes = (2, 3) if self.prefers_albums else (0, 1, 2, 3)
        text, batch = text or self._words("respuesta"), [self.file() for _ in range(rng.choice(sizes))]
        label = button_of(push[0], "Responder")
        is_tapped = self.prefers_albums or rng.random() < 0.6
        if label and is_tapped and await phone.tap(push[0], label):
            phone.begin(await phone.send(batch, text) if batch else await phone.say(text))
            await phone.read(r"^Anotado en #", seconds=PATIENCE)
            files = tuple(file.sha256 for file in batch)
            self._told.answered.append(Answered(phone.id, number, text, files))
        else:
            phone.begin(await phone.say(text, reply_to=push[0]["message_id"]))
            self._told.answered.append(Answered(phone.id, await self._chosen(number, text), text))

    async def _chosen(self, number: int, text: str) -> int:
        """The ticket chosen where the desk asks; 0 where it does not: then it knows the push, or says so too late."""
        asks = rf"(?s)^¿A qué ticket.*{re.escape(text.split(' ')[0])}"
        found = await self._phone.read(r"^Anotado en #", asks, seconds=PATIENCE)
        label = button_of(found[0], f"#{number} ") or button_of(found[0], "#") if found else None
        if found is None or label is None or words_of(found[0]).startswith("Anotado"):
            return 0
        if not await self._phone.tap(found[0], label):
            return await self._chosen(number, text)
        return int(label[1:].split(" ")[0])

    async def _complaint(self, what: str) -> str:
        messages, _ = await self._phone.look()
        shown = [words_of(message)[:80] for message in messages[:5]]
        return f"{self._name} waited {TRIES} × {PATIENCE} s for {what}; the newest messages: {shown}"


def _picture(pixels: bytes) -> bytes:
    """A PNG of one line, grey."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", len(pixels), 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" + pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
