"""Lists, a ticket, its files and its report."""

from bot import ticket_list, ticket_screen
from bot.context import Context
from bot.handlers import proofs
from core.errors import NotFoundError
from core.i18n import N_
from core.messaging import outbox
from core.messaging.outbox import Subject
from core.models import Attachment, FileKind, FileState
from core.queries import following, tickets
from core.rules.identity import Sight, may_see
from core.rules.limits import TELEGRAM_UPLOAD_LIMIT

_BY_FILE_ID = {
    FileKind.PHOTO: ("sendPhoto", "photo"),
    FileKind.DOCUMENT: ("sendDocument", "document"),
    FileKind.VOICE: ("sendVoice", "voice"),
    FileKind.VIDEO: ("sendVideo", "video"),
    FileKind.AUDIO: ("sendAudio", "audio"),
    FileKind.VIDEO_NOTE: ("sendVideoNote", "video_note"),
    FileKind.ANIMATION: ("sendAnimation", "animation"),
}


async def mine(context: Context) -> None:
    await ticket_list.show(context, "own", in_place=False)


async def company(context: Context) -> None:
    if not may_see(context.bound.level, Sight.COMPANY_TICKETS):
        await proofs.refuse(context, context.t("Only verified phones see the company's tickets."))
        return
    await ticket_list.show(context, "company", in_place=False)


async def turn(context: Context) -> None:
    """Another page, or the other half."""
    assert context.tapped is not None
    scope, half, *place = context.tapped.arguments
    if scope == "company" and not may_see(context.bound.level, Sight.COMPANY_TICKETS):
        scope = "own"
    where = {place[0]: ticket_list.read_place(*place[1:])} if place else {}
    await ticket_list.show(
        context,
        "company" if scope == "company" else "own",
        closed=half == "closed",
        before=where.get("before"),
        after=where.get("after"),
        in_place=True,
    )


async def ticket(context: Context) -> None:
    assert context.tapped is not None
    wanted, *page = context.tapped.arguments
    await ticket_screen.show(context, int(wanted), page=int(page[0]) if page else 0, in_place=bool(page))


async def file(context: Context) -> None:
    """Send a file of the ticket again."""
    assert context.tapped is not None
    wanted, attachment_id = context.tapped.arguments
    try:
        found = await tickets.of_customer(context.session, context.person, int(wanted))
        attachment = await tickets.file_of(context.session, found, int(attachment_id))
    except NotFoundError:
        await context.answer_tap(context.t("This file is not here any more."), alert=True)
        return
    reason = _why_not(attachment)
    if reason is not None:
        await context.answer_tap(context.t(reason), alert=True)
        return
    if attachment.telegram_file_id is not None:
        method, name = _BY_FILE_ID[attachment.kind]
        payload: dict[str, object] = {name: attachment.telegram_file_id}
    else:
        stored = {"sha256": attachment.sha256, "name": attachment.name, "media_type": attachment.media_type}
        method, payload = "sendDocument", {"document": stored}
    outbox.post(context.session, context.chat_id, method, payload, about=Subject(ticket_id=found.id))


def _why_not(attachment: Attachment) -> str | None:
    """What stands against sending the file; Telegram itself gives out what it has, however large."""
    if attachment.state is FileState.QUARANTINED:
        return N_("This file was harmful: nobody gets it from us.")
    if attachment.telegram_file_id is not None:
        return None
    if attachment.state is not FileState.STORED:
        return N_("This file has not arrived yet.")
    if (attachment.size or 0) > TELEGRAM_UPLOAD_LIMIT:
        return N_("This file is larger than the 50 MB that Telegram lets us send. Ask us for it by e-mail.")
    return None


async def report(context: Context) -> None:
    """The report of a closing, the same bytes as ever; the latest one under buttons of earlier days."""
    assert context.tapped is not None
    wanted, *closure = map(int, context.tapped.arguments)
    try:
        found = await tickets.of_customer(context.session, context.person, wanted)
        if not context.sees_reports(found.company_id):
            await proofs.refuse(context, context.t("Only verified phones see reports."))
            return
        kept = await following.report_of(context.session, found, closure[0] if closure else 0)
    except NotFoundError:
        await context.answer_tap(context.t("There is no report of this ticket."), alert=True)
        return
    document = {"document": {"report_id": kept.id, "name": kept.file_name}}
    about = Subject(ticket_id=found.id, report_id=kept.id)
    outbox.post(context.session, context.chat_id, "sendDocument", document, about=about)
