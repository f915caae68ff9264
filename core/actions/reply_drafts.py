"""What a technician writes is kept while it is not sent, to go on with it on any machine."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Delete, bindparam, delete

from core.actions import submissions
from core.actions.authorize import authorize
from core.actions.writing import TEXT_LONGEST
from core.clock import now
from core.db import WriteSession, insert_into, table_of
from core.models import Composed, ReplyDraft, Technician, Ticket
from core.rules.permissions import Permission

NEEDS: Mapping[Composed, Permission] = {Composed.REPLY: Permission.ANSWER, Composed.NOTE: Permission.NOTE}


async def keep(
    session: WriteSession, actor: Technician, ticket: Ticket, *, form: Composed, text: str, submission: str
) -> datetime | None:
    """Keep the words; when that was, or None where there is nothing to keep. The ticket is locked.

    What comes late, after its form was sent, is not kept: it would come back as if it had not been.
    """
    authorize(actor, NEEDS[form])
    if await submissions.was_sent(session, actor, submission):
        return None
    if not text.strip():
        await discard(session, actor, ticket, form=form)
        return None
    moment = now()
    values = {"text": text[:TEXT_LONGEST], "updated_at": moment}
    await session.execute(
        insert_into(session.dialect, ReplyDraft)
        .values(technician_id=actor.id, ticket_id=ticket.id, form=form, **values)
        .on_conflict_do_update(
            index_elements=[ReplyDraft.technician_id, ReplyDraft.ticket_id, ReplyDraft.form], set_=values
        )
    )
    return moment


async def discard(session: WriteSession, actor: Technician, ticket: Ticket, *, form: Composed) -> None:
    """The words were sent, or are not wanted any more."""
    await session.execute(_discard(form), {"actor_id": actor.id, "of_ticket": ticket.id})


@cache
def _discard(form: Composed) -> Delete:
    """Done for every answer, so it is put together once; of the table itself, for nothing is loaded."""
    drafts = table_of(ReplyDraft)
    by_actor, of_ticket = (
        drafts.c.technician_id == bindparam("actor_id"),
        drafts.c.ticket_id == bindparam("of_ticket"),
    )
    return delete(drafts).where(by_actor, of_ticket, drafts.c.form == form)
