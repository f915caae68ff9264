"""Files over Telegram's limit for bots: the reason, and a link to upload them where the desk can give one."""

from dataclasses import replace

from bot.context import Context
from core.actions import sources, uploads
from core.actions.content import Content
from core.messaging import outbox
from core.models import OutboxRow
from core.render import telegram


def takeable(context: Context, content: Content) -> Content:
    """What of the message the desk can take: without the file where it can come no way at all."""
    if content.file is None or not content.file.is_too_big or _gives_links(context):
        return content
    return replace(content, file=None)


def is_empty(content: Content) -> bool:
    """Whether nothing of the message is left."""
    return content.file is None and not content.text


async def explain(context: Context, content: Content) -> None:
    """Say why the file has not come, and how it may. Parts of an album for which there is no way share one reason."""
    if content.file is None or not content.file.is_too_big:
        return
    link = await _link(context, content)
    if link is not None:
        text = context.t(
            "%(name)s is larger than 20 MB, and Telegram does not let us receive it. "
            "Upload it here, up to %(n)s MB; the link is good for one file and for 24 hours: %(link)s",
            name=content.file.name,
            n=context.office.upload_limit,
            link=link,
        )
        await _say_once(context, f"{content.chat_id}-{content.message_id}", text)
        return
    album = await sources.album_of(context.session, content)
    if album is None:
        await _say_once(context, f"{content.chat_id}-{content.message_id}", reason(context, content.file.name))
        return
    names = [*album.refused.splitlines(), content.file.name]
    album.refused = "\n".join(names)
    row = await _say_once(context, f"album-{album.id}", reason(context, ", ".join(names)))
    if len(names) > 1:
        payload = telegram.message(telegram.plain(reason(context, ", ".join(names))))
        await outbox.edit(context.session, row.id, payload)


def reason(context: Context, name: str) -> str:
    return context.t(
        "%(name)s is larger than 20 MB, and Telegram does not let us receive it. Send it in parts or by e-mail.",
        name=name,
    )


async def _link(context: Context, content: Content) -> str | None:
    """An address for the one file that was too large; only to who is logged in."""
    if context.binding is None or not _gives_links(context):
        return None
    company_id = context.binding.company_id
    return await uploads.offer(
        context.session, context.person, company_id, message_id=content.message_id, office=context.office
    )


async def _say_once(context: Context, key: str, text: str) -> OutboxRow:
    payload = telegram.message(telegram.plain(text))
    return await outbox.put(
        context.session,
        context.chat_id,
        "sendMessage",
        payload,
        dedupe_key=f"too-big-{key}",
        about=context.about(),
    )


def _gives_links(context: Context) -> bool:
    return context.binding is not None and bool(context.office.upload_url)
