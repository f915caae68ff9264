"""What customers write, as Telegram would shape it; the same seed writes the same words."""

import itertools
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.bot_api import TOKEN

PHRASES = (
    "la factura no sale",
    "desde ayer el cliente espera en caja",
    "por favor ayúdenos",
    "el sistema dice «error de conexión»",
    "ya reinicié la impresora",
    "sigue igual",
    "quedo atento a su llamada",
    "adjunto después el archivo del SRI",
)
HELP = "/ayuda"
# Far from the ids the simulator gives, so that no message is taken for another.
_ids = itertools.count(50_000_000)


def sentence(dice: random.Random) -> str:
    return ", ".join(dice.choices(PHRASES, k=dice.randint(1, 5)))


def messages(
    chats: Sequence[int], count: int, dice: random.Random, *, text: str = "", replies_to: Mapping[int, int]
) -> list[dict[str, Any]]:
    """``count`` messages, the chats taking turns; each answers the message of ``replies_to``, if its chat has one."""
    turns = itertools.islice(itertools.cycle(chats), count)
    return [_message(chat, text or sentence(dice), replies_to.get(chat)) for chat in turns]


def _message(chat_id: int, text: str, replied: int | None) -> dict[str, Any]:
    person = {"id": chat_id, "is_bot": False, "first_name": f"Persona {chat_id}", "language_code": "es"}
    chat = {"id": chat_id, "type": "private", "first_name": person["first_name"]}
    frame = {"chat": chat, "date": int(time.time())}
    message: dict[str, Any] = {"message_id": next(_ids), "from": person, "text": text, **frame}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    if replied is not None:
        bot = {"id": int(TOKEN.partition(":")[0]), "is_bot": True, "first_name": "Ventanilla"}
        message["reply_to_message"] = {"message_id": replied, "from": bot, "text": "Ticket", **frame}
    return message
