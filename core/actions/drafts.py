"""A ticket being written in the chat: every word and file is a row at once, and Enviar makes one ticket."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from core.actions import albums, articles, openings, sources, versions
from core.actions.content import Content, Home, attach
from core.actions.events import note_event
from core.actions.tickets import check_product
from core.actions.tickets import new as new_ticket
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import (
    Article,
    Attachment,
    Binding,
    CustomerMessage,
    Draft,
    DraftState,
    EventKind,
    OutboxRow,
    Person,
    Ticket,
)
from core.queries import policy, tickets
from core.render.office import Office
from core.rules.identity import may_open_ticket
from core.rules.intake import DraftFacts, Field, appended, missing, one_line, place_of
from core.rules.limits import SUBJECT_LIMIT
from core.rules.pieces import renewed
from core.rules.services import Service

FILE_NEEDED = N_(
    "We need at least one file to attend to you: send a photo of the screen or a document. We keep the rest."
)


async def open_of(session: ReadSession, chat_id: int, state: DraftState = DraftState.WRITING) -> Draft | None:
    """The chat's open draft, or its message that waits for a ticket (LOOSE)."""
    return await session.scalar(select(Draft).where(Draft.chat_id == chat_id, Draft.state == state))


async def open_in(session: ReadSession, chats: Collection[int]) -> dict[tuple[int, DraftState], Draft]:
    """The open drafts of all these chats: chat and state → draft."""
    query = select(Draft).where(Draft.chat_id.in_(chats), Draft.state.in_([DraftState.WRITING, DraftState.LOOSE]))
    return {(draft.chat_id, draft.state): draft for draft in await session.scalars(query)}


async def start(session: WriteSession, person: Person, state: DraftState = DraftState.WRITING) -> Draft:
    """The open draft of the person's chat, made if there is none: nothing typed is lost."""
    draft = await open_of(session, person.telegram_id, state)
    if draft is None:
        draft = Draft(chat_id=person.telegram_id, person_id=person.id, state=state, text="", created_at=now())
        session.add(draft)
        await session.flush()
    return draft


async def go_on(session: WriteSession, person: Person, closed: Ticket, *, position: int) -> Draft:
    """The open draft goes on with a closed ticket: its service and product, and the article at ``position``."""
    draft = await start(session, person)
    draft.continues_id = closed.id
    if draft.service is None:
        draft.service, draft.product = closed.service, closed.product
    if not draft.text and position:
        said = await session.scalar(
            select(Article.text).where(
                Article.ticket_id == closed.id, Article.position == position, Article.person_id == person.id
            )
        )
        draft.text = said or ""
    await session.flush()
    return draft


async def continued_number(session: ReadSession, draft: Draft) -> int | None:
    """The number of the closed ticket the draft goes on with."""
    if draft.continues_id is None:
        return None
    return await session.scalar(select(Ticket.number).where(Ticket.id == draft.continues_id))


async def files(session: ReadSession, draft: Draft) -> Sequence[Attachment]:
    query = select(Attachment).where(Attachment.draft_id == draft.id).order_by(Attachment.id)
    return (await session.scalars(query)).all()


async def facts(session: ReadSession, draft: Draft, known: Sequence[Attachment] | None = None) -> DraftFacts:
    """What the draft has; ``known``: its files, where they have been read already."""
    of_draft = await files(session, draft) if known is None else known
    return DraftFacts(
        service=draft.service,
        product=draft.product,
        subject=draft.subject,
        text=draft.text,
        files=len(of_draft),
        files_settled=draft.files_settled,
        needs_file=(await policy.desk_policy(session)).files_mandatory,
    )


async def choose_service(session: WriteSession, draft: Draft, service: Service) -> None:
    """Another service has other products; where there is only one, it need not be asked."""
    labels = await policy.products(session, service)
    if not labels:
        raise InvalidError(N_("This service is not offered any more: choose another."), field="service")
    if draft.service is not service:
        draft.service, draft.product = service, labels[0] if len(labels) == 1 else None
    await session.flush()


async def set_subject(session: WriteSession, draft: Draft, words: str) -> None:
    """Another subject may be the same trouble as another ticket: that is asked again."""
    draft.subject, draft.is_another = one_line(words), False
    await session.flush()


async def choose_product(session: WriteSession, draft: Draft, product: str) -> None:
    if draft.service is None:
        raise InvalidError(N_("Choose the service first."), field="service")
    await check_product(session, draft.service, product)
    draft.product = product


async def take_in(
    session: WriteSession, draft: Draft, content: Content, *, changing: Field | None = None, continues: bool = False
) -> Field:
    """Take in whatever arrived and say which field it went to; ``changing`` replaces a text, else it is added.

    ``continues``: the client has cut a text, and this is the rest of it.
    """
    home = Home(draft_id=draft.id)
    placed = Field.TEXT
    if content.text and not continues:
        placed = place_of(content.text, DraftFacts(subject=draft.subject), changing=changing)
    if placed is Field.SUBJECT:
        await sources.forget(session, home, Field.SUBJECT)
        await sources.record(session, content, home, field=Field.SUBJECT)
        await set_subject(session, draft, content.text)
    else:
        if changing is Field.TEXT and content.text and not continues:
            await sources.forget(session, home, Field.TEXT)
            draft.text = ""
        draft.text = await sources.add_words(session, draft.text, content, home, continues=continues)
    if content.file is not None:
        await attach(session, content, home)
        placed = Field.FILES
    await albums.hold(session, draft, content)
    draft.source_message = draft.source_message or content.message_id
    await session.flush()
    return placed


async def correct(session: WriteSession, draft: Draft, message: CustomerMessage, content: Content) -> bool:
    """Take an edit of a message that is in a draft; False where it changes nothing. A draft has no versions yet."""
    home = Home(draft_id=draft.id)
    has_new_file = await attach(session, content, home)
    if versions.says_the_same(message, content) or versions.is_older(message, content):
        return has_new_file
    before = sources.text_of(await sources.messages_of(session, home))
    versions.renew(message, content)
    if message.field is Field.SUBJECT:
        is_subject = 0 < len(one_line(content.text)) <= SUBJECT_LIMIT
        draft.subject = one_line(content.text) if is_subject else None
        message.field = Field.SUBJECT if is_subject else Field.TEXT
    await session.flush()
    draft.text = renewed(draft.text, before, sources.text_of(await sources.messages_of(session, home)))
    await session.flush()
    return True


async def keep_loose(session: WriteSession, person: Person, content: Content, *, continues: bool = False) -> Draft:
    """Keep a message whose ticket is not known yet; further ones join it."""
    draft = await start(session, person, DraftState.LOOSE)
    home = Home(draft_id=draft.id)
    draft.text = await sources.add_words(session, draft.text, content, home, continues=continues)
    await attach(session, content, home)
    await albums.hold(session, draft, content)
    await session.flush()
    return draft


async def become_ticket(session: WriteSession, person: Person, loose: Draft) -> Draft:
    """A loose message becomes the draft of a new ticket, or joins the one being written."""
    writing = await open_of(session, person.telegram_id)
    if writing is None:
        loose.state, loose.card_id = DraftState.WRITING, None
        await session.flush()
        return loose
    writing.text = appended(writing.text, loose.text) if loose.text else writing.text
    await _hand_over(session, loose, Home(draft_id=writing.id))
    loose.state = DraftState.DROPPED
    await session.flush()
    return writing


async def place(session: WriteSession, person: Person, loose: Draft, ticket: Ticket, *, office: Office) -> None:
    """A loose message, or a draft with all it has, becomes one article of the ticket, locked as it was read."""
    words = await sources.with_subject(session, Home(draft_id=loose.id), loose.text.strip())
    article = await articles.add(session, person, ticket, text=words, content=None)
    await _hand_over(session, loose, Home(article_id=article.id))
    loose.state, loose.ticket_id = DraftState.SENT, ticket.id
    card = await session.get(OutboxRow, loose.card_id) if loose.card_id else None
    if card is not None:
        card.ticket_id = ticket.id  # whoever answers what became of the card means the ticket
    await session.flush()
    await articles.tell(session, ticket, article, office=office)


async def drop(session: WriteSession, draft: Draft) -> None:
    """Throw a draft away; until it is pruned it can be taken up again."""
    draft.state = DraftState.DROPPED
    await session.flush()


async def take_up(session: WriteSession, draft: Draft, state: DraftState) -> bool:
    """What was thrown away is there again; False where another one has taken its place."""
    if draft.state is not DraftState.DROPPED or await open_of(session, draft.chat_id, state) is not None:
        return False
    draft.state = state
    await session.flush()
    return True


async def drop_file(session: WriteSession, draft: Draft, attachment_id: int) -> None:
    attachment = await session.get(Attachment, attachment_id)
    if attachment is not None and attachment.draft_id == draft.id:
        attachment.draft_id = None
        draft.files_settled = False
        await session.flush()


async def send(session: WriteSession, person: Person, binding: Binding, draft: Draft, *, office: Office) -> Ticket:
    """Make the ticket. The caller has made sure that the draft is still being written.

    Raises InvalidError where something is missing, ConflictError where the chat may not send it now.
    """
    await _refuse_unready(session, person, binding, draft, office=office)
    assert draft.service is not None
    assert draft.product is not None
    ticket = await new_ticket(
        session,
        binding.company,
        service=draft.service,
        product=draft.product,
        subject=draft.subject or "",
        by_desk=False,
        opened_by_id=person.id,
        is_verified=binding.is_verified,
        continues_id=await _continued(session, draft, binding) if draft.continues_id else None,
    )
    note_event(session, ticket, EventKind.OPENED, by=person)
    article = await articles.add(session, person, ticket, text=draft.text.strip(), content=None)
    await _hand_over(session, draft, Home(article_id=article.id))
    draft.state, draft.ticket_id = DraftState.SENT, ticket.id
    await session.flush()
    await openings.tell_by_person(session, ticket, person, office=office)
    return ticket


async def _refuse_unready(
    session: ReadSession, person: Person, binding: Binding, draft: Draft, *, office: Office
) -> None:
    known = await facts(session, draft)
    if missing(known) == (Field.FILES,) and not known.files:
        raise InvalidError(FILE_NEEDED)
    if missing(known):
        raise InvalidError(N_("Something is still missing."))
    if draft.company_id not in {None, binding.company_id}:
        raise ConflictError(
            N_("This chat writes for %(company)s now. Send it for them?"), company=binding.company.name
        )
    midnight = now().astimezone(office.t.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = await tickets.opened_since(session, person, midnight)
    if not may_open_ticket(binding.level, today):
        raise ConflictError(
            N_(
                "Without verification you may open 3 tickets a day, and today's 3 are open already. "
                "Your draft is kept: verify who you are and send it now, or send it tomorrow."
            )
        )


async def _continued(session: ReadSession, draft: Draft, binding: Binding) -> int | None:
    """The closed ticket it goes on with, unless the chat acts for another company by now."""
    return await session.scalar(
        select(Ticket.id).where(Ticket.id == draft.continues_id, Ticket.company_id == binding.company_id)
    )


async def _hand_over(session: WriteSession, draft: Draft, there: Home) -> None:
    """Files, messages and albums of a draft go where its words went."""
    await sources.move(session, Home(draft_id=draft.id), there)
    await albums.follow(session, draft, there)
