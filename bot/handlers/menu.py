"""Welcome, help, and leaving whatever one was doing."""

import re

from bot import screens
from bot.context import Context
from core.render import telegram


async def start(context: Context) -> None:
    """``/start``, also with a payload such as ``t1042`` from a link to a ticket."""
    if context.binding is None:
        await screens.ask_ruc(context)
        return
    payload = re.search(r"\d+", (context.message.text or "") if context.message else "")
    if payload:
        await screens.show_ticket(context, int(payload[0]))
        return
    await screens.show_menu(context, welcome=True)


async def help_(context: Context) -> None:
    await context.say(telegram.message(telegram.page("help", context.t, office=context.office)))


async def cancel(context: Context) -> None:
    """Leave the step; a draft stays and can be taken up again."""
    if context.binding is None:
        await screens.ask_ruc(context)
        return
    await screens.show_menu(context)
