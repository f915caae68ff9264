"""Into the desk: what was typed before is kept, the menu comes, and what one came for is shown."""

from dataclasses import replace
from typing import Any

from bot import screens, ticket_screen
from bot.context import Context
from bot.handlers import too_big
from core.actions import drafts
from core.actions.content import FILES_OF_STRANGERS, Content, has_room
from core.models import DraftState
from core.rules.intake import is_worth_keeping
from core.rules.limits import FILE_NAME_SHOWN, shorten


async def keep(context: Context, content: Content) -> None:
    """Nothing typed before the log-in is lost: a sentence or a file waits for the first ticket."""
    taken = await with_room(context, too_big.takeable(context, content))
    if taken.file is not None or is_worth_keeping(taken.text):
        await drafts.keep_loose(context.session, context.person, taken)
    await too_big.explain(context, content)


async def with_room(context: Context, content: Content) -> Content:
    """Without its file where so many are kept already; that is said."""
    if content.file is None or await has_room(context.session, context.chat_id):
        return content
    text = context.t(
        "Until you have logged in we keep %(n)s files. Please send %(name)s again afterwards.",
        n=FILES_OF_STRANGERS,
        name=shorten(content.file.name, FILE_NAME_SHOWN),
    )
    await context.say_text(text)
    return replace(content, file=None)


def goal(context: Context) -> dict[str, Any]:
    """What a link led here for, to be carried from step to step."""
    data = context.conversation.data
    return {"ticket": data["ticket"]} if "ticket" in data else {}


async def enter(context: Context) -> None:
    """Logged in: the menu, the ticket of the link that led here, the draft of what was typed before, or the question
    that a log-out has left open: words typed since have joined it."""
    wanted = goal(context).get("ticket")
    await screens.show_menu(context, welcome=True)
    if wanted is not None:
        await ticket_screen.show(context, int(wanted))
    kept = await drafts.open_of(context.session, context.chat_id, DraftState.LOOSE)
    if kept is not None and kept.company_id is None:
        draft = await drafts.become_ticket(context.session, context.person, kept)
        notice = context.t("We kept what you wrote before logging in.")
        await screens.show_card(context, draft, repost=True, notice=notice)
        return
    if kept is not None and kept.company_id == context.bound.company_id:
        await screens.ask_where(context, kept, repost=True)
    writing = await drafts.open_of(context.session, context.chat_id)
    if writing is not None and writing.card_id is not None:
        await screens.show_card(context, writing, repost=True)  # it may be for another company now
