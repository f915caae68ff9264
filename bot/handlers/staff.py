"""A technician's own chat: linked, parted, and a polite word for whatever is written there."""

from bot import screens
from bot.context import Context
from core.actions import staff_chats
from core.queries import staff_chats as found
from core.render import alerts

LEAVE = "/salir"


async def link(context: Context, token: str) -> None:
    """The link from the panel; one answer for every one that does not work."""
    technician = await staff_chats.accept(context.session, context.person, token)
    if technician is None:
        await context.say_text(
            context.t("This link does not work: it has been used already, or it is older than an hour. Make another.")
        )
        return
    text = context.t(
        "%(name)s, this chat tells you of the desk now. Choose in the panel what you are told; /salir ends it.",
        name=technician.name,
    )
    await context.say(alerts.answer(text, context.office))


async def spoken_to(context: Context) -> bool:
    """Answer a technician who writes where no customer is logged in; False where the chat is nobody's of the desk."""
    chat = await found.of_chat(context.session, context.chat_id)
    if chat is None:
        return False
    words = (context.message.text or "").strip().lower() if context.message else ""
    if words == LEAVE:
        await staff_chats.part(context.session, chat.technician)
        await context.say_text(context.t("This chat is not told of the desk any more."))
        await screens.ask_ruc(context)
        return True
    await answer_in_the_panel(context)
    return True


async def answer_in_the_panel(context: Context) -> None:
    text = context.t("This chat only tells you of the desk. Please answer customers in the panel.")
    await context.say(alerts.answer(text, context.office))


async def is_answer_to_alert(context: Context) -> bool:
    """Whether the message replies to something the desk told its technician; a customer may begin like that, too."""
    replied = context.message.reply_to_message if context.message else None
    if replied is None or not replied.text.startswith(alerts.MARK):
        return False
    return await found.of_chat(context.session, context.chat_id) is not None
