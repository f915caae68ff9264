"""What the bot says of itself in Telegram's own screens: commands, descriptions, menu button, in every language."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import TelegramError

from core.actions import desk
from core.db import Database
from core.i18n import LANGUAGES, N_, Translator
from core.messaging import letterhead
from core.render.office import Office
from core.rules.retries import backoff

log = structlog.get_logger(__name__)

# In the order of the menu; the words themselves are the same in every language, what they do is said in the reader's.
COMMANDS: Mapping[str, str] = {
    "nuevo": N_("new ticket"),
    "mis": N_("my tickets"),
    "empresa": N_("tickets of the company"),
    "buscar": N_("find a ticket"),
    "cuenta": N_("hours and movements"),
    "preferencias": N_("language, notices, password, phones"),
    "cambiar": N_("write for another company"),
    "ayuda": N_("what this chat is for"),
    "cancelar": N_("leave what you are doing"),
    "salir": N_("log out of this chat"),
}

PRIVATE_CHATS = {"type": "all_private_chats"}
MENU_BUTTON = {"type": "commands"}
LOOK_AGAIN = timedelta(minutes=5)
SHORT_LIMIT = 120  # Telegram's, for the description on the profile


async def keep_introduced(bot: Bot, database: Database, office: Office) -> None:
    """Say who the bot is, and anew when the desk has been given another name."""
    said = ""
    while True:
        try:
            said = await look_again(bot, database, office, said=said)
        except (SQLAlchemyError, OSError) as error:
            log.warning("the desk's name cannot be read", error=type(error).__name__)
        await asyncio.sleep(LOOK_AGAIN.total_seconds())


async def look_again(bot: Bot, database: Database, office: Office, *, said: str) -> str:
    """The name under which the bot is introduced: ``said``, where the desk still has it."""
    async with database.read() as session:
        name = (await letterhead.read(session, office)).name
    return said if name == said else await introduce(bot, database, office)


async def introduce(bot: Bot, database: Database, office: Office) -> str:
    """Learn the bot's own name and say who it is, as soon as Telegram answers; a failure holds up nothing.

    Returns the desk's name as it was said.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            me = await bot.do_api_request("getMe")
            async with database.write() as session:
                await desk.remember_username(session, str(me["username"]) if isinstance(me, dict) else "")
                office = await letterhead.read(session, office)
            for code, t in _readers(office):
                await _speak(bot, code, t, office)
            await _change(bot, "ChatMenuButton", MENU_BUTTON, {"menu_button": MENU_BUTTON})
        except TelegramError as error:
            log.warning("the bot could not introduce itself", error=str(error))
        else:
            return office.name
        await asyncio.sleep(backoff(attempt).total_seconds())


def commands(t: Translator) -> list[dict[str, str]]:
    return [{"command": command, "description": t(words)} for command, words in COMMANDS.items()]


def _readers(office: Office) -> Sequence[tuple[str, Translator]]:
    """Without a code the desk's own language, for everybody Telegram has nothing better for; then the others."""
    others = [language for language in LANGUAGES if language != office.t.language]
    return [("", office.t), *((language, office.translators[language]) for language in others)]


async def _speak(bot: Bot, code: str, t: Translator, office: Office) -> None:
    spoken = {"language_code": code} if code else {}
    menu = commands(t)
    await _change(bot, "MyCommands", menu, {"commands": menu}, scope=PRIVATE_CHATS, **spoken)
    long = t(
        "This is the support desk of %(desk)s. Open a ticket, send photos, files or voice messages, and read the "
        "answers here: whenever there is news, we write to you. Tap Start and have your RUC at hand.",
        desk=office.name,
    )
    await _change(bot, "MyDescription", {"description": long}, {"description": long}, **spoken)
    short = t("Support desk of %(desk)s: open tickets and read the answers in this chat.", desk=office.name)[
        :SHORT_LIMIT
    ]
    await _change(bot, "MyShortDescription", {"short_description": short}, {"short_description": short}, **spoken)


async def _change(bot: Bot, name: str, wanted: object, parameters: Mapping[str, Any], **where: Any) -> None:
    """Only where Telegram has something else: a restart says nothing anew."""
    if await bot.do_api_request(f"get{name}", api_kwargs=where or None) != wanted:
        await bot.do_api_request(f"set{name}", api_kwargs={**parameters, **where})
