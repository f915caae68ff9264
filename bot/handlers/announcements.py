"""The answers to "somebody is new here": it was me, it was not me."""

from bot.context import Context
from core.actions import announcements
from core.models import Announcement


async def was_me(context: Context) -> None:
    announcement = await _asked(context)
    if announcement is not None:
        await announcements.confirm(context.session, announcement, context.person, office=context.office)


async def not_me(context: Context) -> None:
    announcement = await _asked(context)
    if announcement is not None:
        await announcements.deny(context.session, announcement, context.person, office=context.office)


async def _asked(context: Context) -> Announcement | None:
    """The announcement this chat may still answer, whatever company is active."""
    assert context.tapped is not None
    wanted = int(context.tapped.arguments[0])
    announcement = await announcements.of_verified(context.session, wanted, context.person)
    if announcement is None:
        await context.answer_tap(context.t("This question is not for this chat any more."), alert=True)
        return None
    if announcement.settled_at is not None:
        await context.answer_tap(context.t("Somebody of your company has answered this already."), alert=True)
        return None
    return announcement
