"""What the report will say, before the ticket closes: read through, and its words completed."""

from core.actions import closing
from core.actions.authorize import authorize
from core.actions.snapshot import freeze
from core.clock import now
from core.db import ReadSession
from core.models import Technician, Ticket
from core.render.office import Office
from core.render.report import ReportSnapshot
from core.rules.closures import ClosureRequest, preview_closure
from core.rules.permissions import Permission
from core.rules.states import is_closed


async def drafted(
    session: ReadSession, actor: Technician, ticket: Ticket, request: ClosureRequest, *, office: Office
) -> ReportSnapshot:
    """As it would be if the ticket closed like this now; nothing is written, and what is illegal charges nothing."""
    authorize(actor, Permission.CLOSE)
    replaced = await closing.latest(session, ticket) if is_closed(ticket.state) else None
    plan = preview_closure(await closing.facts(session, ticket, actor=actor, replaced=replaced), request)
    closure = closing.closure_of(ticket, request, plan, actor=actor, number=ticket.closures_count + 1, at=now())
    return await freeze(session, ticket, closure, office=office)
