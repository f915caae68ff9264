"""What did not reach its reader, and what could not be taken in: seen by the desk, dealt with by who may."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form, whole
from admin.panel import Visit
from core.actions import deliveries
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import TROUBLED_DELIVERIES, DeliveryState, Technician
from core.queries import deliveries as found
from core.queries.deliveries import DeliveryLine, LostUpdate

Act = Callable[[WriteSession, Technician, Form], Awaitable[object]]

LOST = "lost"  # updates, beside the states of deliveries
GLANCE = 10  # updates shown above the deliveries, where no state is chosen

SHELVES: Mapping[str, str] = {
    "": N_("All"),
    DeliveryState.DEAD: N_("Failed ones"),
    DeliveryState.UNCERTAIN: N_("In doubt"),
    DeliveryState.PARKED: N_("Blocked ones"),
    DeliveryState.HELD: N_("Held ones"),
    DeliveryState.QUEUED: N_("Tried in vain"),
    LOST: N_("Not taken in"),
}

DONE: Mapping[str, str] = {
    "retried": N_("It goes out again now."),
    "released": N_("It is on its way."),
    "discarded": N_("It was discarded."),
    "reprocessed": N_("It is being taken in again."),
    "all_released": N_("Everything held is on its way."),
    "all_discarded": N_("Everything held was discarded."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list; ``next`` is what the following one begins before."""

    lines: Sequence[DeliveryLine]
    updates: Sequence[LostUpdate]
    next: str
    has_more_updates: bool = False


async def show(request: Request, visit: Visit) -> Response:
    return await _page(visit, request.query_params)


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, asked for as a page after a log-in."""
    return RedirectResponse("/deliveries", status_code=303)


async def retry(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.retry(session, actor, request.path_params["delivery"])

    return await _perform(request, visit, act, done="retried")


async def release(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.retry(session, actor, request.path_params["delivery"])

    return await _perform(request, visit, act, done="released")


async def discard(request: Request, visit: Visit) -> Response:
    row_id = request.path_params["delivery"]

    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.discard(session, actor, row_id, reason=form.text("reason"))

    return await _perform(request, visit, act, done="discarded", name=str(row_id))


async def release_all(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        if not form.text("sure"):
            raise InvalidError(N_("Confirm it with the tick."), field="sure")
        await deliveries.release_all(session, actor)

    return await _perform(request, visit, act, done="all_released", name="release-all")


async def discard_all(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.discard_all(session, actor, reason=form.text("reason"))

    return await _perform(request, visit, act, done="all_discarded", name="discard-all")


async def reprocess(request: Request, visit: Visit) -> Response:
    bot_id, update_id = _update_of(request)

    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.reprocess(session, actor, bot_id, update_id)

    return await _perform(request, visit, act, done="reprocessed")


async def discard_update(request: Request, visit: Visit) -> Response:
    bot_id, update_id = _update_of(request)

    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await deliveries.discard_update(session, actor, bot_id, update_id, reason=form.text("reason"))

    return await _perform(request, visit, act, done="discarded", name=f"{bot_id}-{update_id}")


def _update_of(request: Request) -> tuple[int, int]:
    return request.path_params["bot"], request.path_params["update"]


async def _perform(request: Request, visit: Visit, act: Act, *, done: str, name: str = "") -> Response:
    """Do it once and go back to the shelf; a refusal brings the page back, the form as it was typed."""
    form = await forms.signed(request, visit)
    shelf = form.text("state")
    try:
        await forms.carry_out(visit, form, lambda session, actor: act(session, actor, form))
    except (InvalidError, ConflictError) as refusal:
        form.refuse(refusal, visit.t)
        return await _page(visit, QueryParams({"state": shelf}), status=status_of(refusal), refused={name: form})
    return RedirectResponse(_address(state=shelf if shelf in SHELVES else "", done=done), status_code=303)


async def _page(
    visit: Visit, query: QueryParams, *, status: int = 200, refused: Mapping[str, Form] | None = None
) -> Response:
    chosen, before = query.get("state", ""), query.get("before", "")
    shelf = chosen if chosen in SHELVES else ""
    async with visit.database.read() as session:
        shown = await _read(session, shelf, before)
    return visit.page(
        "deliveries/page.html",
        status=status,
        shelf=shelf,
        shelves=SHELVES,
        shown=shown,
        is_first=not before,
        address=_address,
        form=lambda name: (refused or {}).get(name) or Form(),
        done=DONE.get(query.get("done", ""), ""),
    )


async def _read(session: ReadSession, shelf: str, before: str) -> Shown:
    if shelf == LOST:
        updates, has_more = await found.lost_updates(session, before=_moment(before))
        return Shown((), updates, _after(updates[-1]) if has_more else "")
    states = (DeliveryState(shelf),) if shelf else TROUBLED_DELIVERIES
    lines, below = await found.page(session, states, tried=shelf == DeliveryState.QUEUED, below=whole(before))
    updates, has_more = ((), False) if shelf or before else await found.lost_updates(session, size=GLANCE)
    return Shown(lines, updates, str(below or ""), has_more_updates=has_more)


def _address(**parts: object) -> str:
    chosen = {name: str(value) for name, value in parts.items() if value}
    return f"/deliveries?{urlencode(chosen)}" if chosen else "/deliveries"


def _after(update: LostUpdate) -> str:
    return f"{update.received_at.isoformat()}~{update.update_id}"


def _moment(text: str) -> tuple[datetime, int] | None:
    """Where a page of updates begins: moment and id of the last one shown; None for anything else."""
    at, _, update_id = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    is_id = update_id.isascii() and update_id.isdigit() and len(update_id) <= 18
    return (moment, int(update_id)) if is_id and moment.tzinfo else None
