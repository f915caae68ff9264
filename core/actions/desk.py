"""A database belongs to one bot, and knows whether it is only a demonstration."""

from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Desk


async def claim(session: WriteSession, *, bot_id: int, is_demonstration: bool) -> None:
    """Remember the bot at the first start. Raises ConflictError where the database belongs to another."""
    desk = await session.get_one(Desk, 1, with_for_update=True)
    if desk.bot_id is None:
        desk.bot_id, desk.is_demonstration = bot_id, is_demonstration
        return
    if desk.is_demonstration and not is_demonstration:
        raise ConflictError(
            N_("DATABASE_URL: this database holds the demonstration; a real bot needs a database of its own.")
        )
    if is_demonstration and not desk.is_demonstration:
        raise ConflictError(N_("TELEGRAM_BOT_TOKEN: this database belongs to a real bot, and its token is not set."))
    if desk.bot_id != bot_id:
        raise ConflictError(
            N_("TELEGRAM_BOT_TOKEN: this database belongs to the bot %(known)s, the token is of the bot %(given)s."),
            known=desk.bot_id,
            given=bot_id,
        )


async def remember_username(session: WriteSession, username: str) -> None:
    desk = await session.get_one(Desk, 1)
    desk.bot_username = username
