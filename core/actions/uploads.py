"""Files over Telegram's limit for bots come by a one-time link, where the desk can be reached from outside."""

import secrets
from datetime import timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import joinedload

from core.actions import indexing
from core.actions.content import arrived, plain_name
from core.actions.events import touch
from core.actions.staff import token_sha256
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, NotFoundError
from core.i18n import N_, Translator
from core.messaging import outbox
from core.messaging.store import Received
from core.models import (
    IN_FORCE,
    Article,
    Attachment,
    Binding,
    Draft,
    DraftState,
    FileState,
    Person,
    Ticket,
    UploadLink,
)
from core.render import telegram
from core.render.office import Office

LINK_LIVES = timedelta(hours=24)
OPEN_AT_MOST = 10  # links of one person that nobody has used yet
TRIES_AT_MOST = 20  # of one link: a bad line may break off often, nobody fills the disk

GONE = N_("This link has been used already or is too old. Send the file in the chat again, and you get a new one.")
TOO_OFTEN = N_("This link has been tried too often. Send the file in the chat again, and you get a new one.")


async def offer(
    session: WriteSession, person: Person, company_id: int, *, message_id: int, office: Office
) -> str | None:
    """The address at which the file of the person's message may be uploaded; None where there is none to give.

    The file's row waits from now on, in its draft or article, for the bytes to come that way.
    """
    attachment = await session.scalar(
        select(Attachment).where(
            Attachment.source_chat == person.telegram_id,
            Attachment.source_message == message_id,
            Attachment.state == FileState.AWAITED,
        )
    )
    if attachment is None or await _has_link(session, attachment):
        return None
    moment = now()
    is_open = (UploadLink.used_at.is_(None)) & (UploadLink.expires_at > moment)
    open_links = await session.scalar(select(func.count()).where(UploadLink.person_id == person.id, is_open))
    is_possible = office.upload_url and (attachment.size or 0) <= office.upload_limit * 1_000_000
    if not is_possible or (open_links or 0) >= OPEN_AT_MOST:
        attachment.state, attachment.error = FileState.FAILED, "larger than 20 MB"
        return None
    token = secrets.token_urlsafe(32)
    session.add(
        UploadLink(
            token_sha256=token_sha256(token),
            attachment_id=attachment.id,
            person_id=person.id,
            company_id=company_id,
            created_at=moment,
            expires_at=moment + LINK_LIVES,
        )
    )
    await session.flush()
    return f"{office.upload_url}/upload/{token}"


async def find(session: ReadSession, token: str) -> UploadLink:
    """The link with its file and person, used or still good. Raises NotFoundError for every other one."""
    link = await session.scalar(
        select(UploadLink)
        .where(UploadLink.token_sha256 == token_sha256(token))
        .options(joinedload(UploadLink.attachment), joinedload(UploadLink.person))
    )
    if link is not None and (_was_used_lately(link) or await _is_good(session, link)):
        return link
    raise NotFoundError(GONE)


async def begin(session: WriteSession, token: str) -> UploadLink:
    """Somebody begins to upload. Raises NotFoundError, ConflictError."""
    link = await _locked(session, token)
    if link.tries >= TRIES_AT_MOST:
        raise ConflictError(TOO_OFTEN)
    link.tries += 1
    return link


async def finish(session: WriteSession, token: str, received: Received, *, name: str, office: Office) -> None:
    """The file is here: its row knows it, the customer reads it in the chat, the link is spent.

    Raises NotFoundError where the link has lost its meaning meanwhile.
    """
    link = await _locked(session, token)
    link.used_at = now()
    link.attachment.name = plain_name(name)
    arrived(link.attachment, received)
    ticket = await _ticket_of(session, link.attachment)
    if ticket is not None:
        ticket.customer_spoke_last = True
        touch(ticket)
        indexing.renew(session, ticket.id)
    t = office.translators[link.person.reads]
    payload = telegram.message(telegram.plain(_noted(t, link.attachment, ticket)), silent=True)
    about = outbox.Subject(ticket_id=ticket.id) if ticket else outbox.Subject(company_id=link.company_id)
    outbox.post(session, link.person.telegram_id, "sendMessage", payload, dedupe_key=f"upload-{link.id}", about=about)


async def end_expired(session: WriteSession) -> None:
    """What was not uploaded in time does not wait any longer."""
    too_old = exists().where(
        UploadLink.attachment_id == Attachment.id, UploadLink.used_at.is_(None), UploadLink.expires_at <= now()
    )
    await session.execute(
        update(Attachment)
        .where(Attachment.state == FileState.AWAITED, too_old)
        .values(state=FileState.FAILED, error="not uploaded in time")
    )


async def _has_link(session: ReadSession, attachment: Attachment) -> bool:
    return await session.scalar(select(UploadLink.id).where(UploadLink.attachment_id == attachment.id)) is not None


def _was_used_lately(link: UploadLink) -> bool:
    """Whoever uploaded is told so, as long as the link would have lived."""
    return link.used_at is not None and link.expires_at > now()


def _noted(t: Translator, attachment: Attachment, ticket: Ticket | None) -> str:
    values = {"name": attachment.name, "size": t.size(attachment.size or 0)}
    if ticket is None:
        return t("We have received %(name)s (%(size)s).", **values)
    return t("Noted in #%(number)s", number=ticket.number) + f": {attachment.name} ({values['size']})"


async def _locked(session: WriteSession, token: str) -> UploadLink:
    """Raises NotFoundError for a link that opens nothing any more."""
    link = await session.scalar(
        select(UploadLink)
        .where(UploadLink.token_sha256 == token_sha256(token))
        .with_for_update(of=UploadLink)
        .options(joinedload(UploadLink.attachment), joinedload(UploadLink.person))
    )
    if link is None or link.used_at is not None or not await _is_good(session, link):
        raise NotFoundError(GONE)
    return link


async def _is_good(session: ReadSession, link: UploadLink) -> bool:
    """Not too old, the person still acts for the company, and the file is still wanted where it was sent."""
    if link.expires_at <= now() or link.attachment.state is not FileState.AWAITED:
        return False
    is_bound = exists().where(Binding.person_id == link.person_id, Binding.company_id == link.company_id, IN_FORCE)
    if not await session.scalar(select(is_bound)):
        return False
    if link.attachment.draft_id is None:
        return link.attachment.article_id is not None or link.attachment.album_id is not None
    draft = await session.get_one(Draft, link.attachment.draft_id)
    return draft.state in {DraftState.WRITING, DraftState.LOOSE}


async def _ticket_of(session: WriteSession, attachment: Attachment) -> Ticket | None:
    if attachment.article_id is None:
        return None
    article = await session.get_one(Article, attachment.article_id)
    return await session.get_one(Ticket, article.ticket_id, with_for_update=True, populate_existing=True)
