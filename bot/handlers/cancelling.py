"""Throwing a draft away, and thinking better of it."""

from bot import screens
from bot.context import Context
from bot.handlers import drafts as card
from core.actions import conversations, drafts
from core.models import Draft, DraftState
from core.rules.intake import Step

SURE = "sure"


async def cancel(context: Context) -> None:
    """Asked once where something was typed; a message that waits for its ticket goes at once, and can come back."""
    draft = await card.tapped_draft(context, DraftState.WRITING, DraftState.LOOSE)
    if draft is None or context.tapped is None:
        return
    is_sure = draft.state is DraftState.LOOSE or SURE in context.tapped.arguments
    if not is_sure and not (await drafts.facts(context.session, draft)).is_blank:
        await screens.ask_whether_to_drop(context, draft, sure=SURE)
        return
    state = draft.state
    await drafts.drop(context.session, draft)
    if state is DraftState.WRITING:
        conversations.go(context.conversation, Step.MENU)
    await screens.show_dropped(context, draft, state)


async def keep(context: Context) -> None:
    draft = await card.tapped_draft(context)
    if draft is not None:
        await screens.show_card(context, draft, repost=False)


async def undo(context: Context) -> None:
    """The draft is there again as it was, unless another one has been begun."""
    draft = await card.tapped_draft(context, DraftState.DROPPED)
    if draft is None or context.tapped is None:
        return
    state = DraftState(context.tapped.arguments[1])
    if not await drafts.take_up(context.session, draft, state):
        await context.answer_tap(context.t("You are writing another one: send or discard that first."), alert=True)
        return
    await _show(context, draft)


async def _show(context: Context, draft: Draft) -> None:
    if draft.state is DraftState.LOOSE:
        await screens.ask_where(context, draft, repost=False)
    else:
        await screens.show_card(context, draft, repost=False)
