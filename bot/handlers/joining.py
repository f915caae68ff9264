"""Messages that belong to one before them: parts of an album, the rest of a text the client has cut, repetitions."""

from bot import screens
from bot.context import Context
from bot.handlers import edits, entering, too_big
from core.actions import albums, articles, drafts, sources
from core.actions.content import Content
from core.models import Album, CustomerMessage, Draft, DraftState
from core.queries import tickets
from core.rules.identity import read_ruc
from core.rules.intake import SECRET_STEPS


async def joined(context: Context) -> bool:
    """Take a message where the one it belongs to went; False where it stands for itself."""
    content = context.content
    if content is None or (content.file is None and context.conversation.step in SECRET_STEPS):
        return False
    if context.binding is None and read_ruc(content.text) is not None:
        return False
    before = context.newest
    if before is not None and before.message_id > content.message_id:  # handed out again, or late
        before = await sources.newest_until(context.session, context.chat_id, content.message_id)
    if before is not None and before.message_id == content.message_id:
        await edits.again(context, before, content)
        return True
    album = await sources.album_of(context.session, content)
    if album is not None:
        return await _part(context, content, album)
    return before is not None and sources.is_rest_of(content, before) and await _rest(context, content, before)


async def _part(context: Context, content: Content, album: Album) -> bool:
    fetchable = too_big.takeable(context, content)
    if album.article_id is not None:
        has_joined = await _append(context, fetchable, album.article_id)
    elif album.draft_id is not None:
        has_joined = await _add_to_draft(context, fetchable, album.draft_id)
    else:
        await albums.add_part(context.session, album, fetchable)
        has_joined = True
    if has_joined:
        await too_big.explain(context, content)
    return has_joined


async def _rest(context: Context, content: Content, before: CustomerMessage) -> bool:
    if before.article_id is not None:
        return await _append(context, content, before.article_id, continues=True)
    return before.draft_id is not None and await _add_to_draft(context, content, before.draft_id, continues=True)


async def _append(context: Context, content: Content, article_id: int, *, continues: bool = False) -> bool:
    article = await articles.by_id(context.session, article_id)
    if await tickets.of_person(context.session, context.person, article.ticket_id) is None:
        return False
    await articles.append(context.session, article, content, office=context.office, continues=continues)
    return True


async def _add_to_draft(context: Context, content: Content, draft_id: int, *, continues: bool = False) -> bool:
    """The card changes in place: nothing new is asked, and what the chat is waiting for stays as it is."""
    draft = await context.session.get_one(Draft, draft_id, with_for_update=True)
    if context.binding is None:
        content = await entering.with_room(context, content)
    if draft.state is DraftState.WRITING:
        await drafts.take_in(context.session, draft, content, continues=continues)
    elif draft.state is DraftState.LOOSE:
        await drafts.keep_loose(context.session, context.person, content, continues=continues)
    else:
        return False
    await screens.show_again(context, draft)
    return True
