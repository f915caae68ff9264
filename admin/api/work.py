"""What technicians do to a ticket: articles, take, assign, pending and back, calls, time."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from admin import uploads
from admin.api import call_models, models
from admin.api.access import LARGEST_BODY, Api, ApiParts, Caller, Guarded, capped, require_type
from admin.api.fields import TicketNumber
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from admin.api.views import View
from core.actions import calls, pending, reopening, retraction, tickets
from core.actions.authorize import authorize
from core.actions.writing import NewFile
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import ArticleKind, Technician, Ticket
from core.queries import staff
from core.queries.tickets import NUMBER_LIMIT, beside, by_number
from core.rules.permissions import Permission
from core.rules.requests import Asks

router = APIRouter(
    prefix="/tickets/{number}",
    tags=["work"],
    route_class=Guarded,
    responses=described(401, 403, 404, 409, 413, 422),
    dependencies=[ONCE],
)

LARGEST_FORM = uploads.MAX_FORM + LARGEST_BODY

_NEEDS: Mapping[ArticleKind, Permission] = {
    ArticleKind.REPLY: Permission.ANSWER,
    ArticleKind.REQUEST: Permission.ANSWER,
    ArticleKind.NOTE: Permission.NOTE,
}

Position = Annotated[int, Path(ge=1, le=NUMBER_LIMIT, description="its number within the ticket")]

Change = Callable[[WriteSession, Technician, Ticket], Awaitable[BaseModel | None]]

_ARTICLE = models.NewArticle.model_json_schema(ref_template="#/components/schemas/{model}")
_ARTICLE.pop("$defs")  # they stand beside it

_ARTICLE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _ARTICLE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"enum": ["reply", "request", "note"]},
                        "asks": {"enum": [asks.value for asks in Asks]},
                        "text": {"type": "string"},
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            },
        },
    }
}


async def on_ticket(
    request: Request,
    api: Api,
    caller: Technician,
    number: int,
    change: Change,
    *,
    status: int = 200,
    content: bytes | None = None,
    other: int | None = None,
) -> Response:
    """Change a locked ticket; a change that returns nothing is answered with the ticket.

    ``other``: number of another ticket that the change touches.
    """

    async def effect(session: WriteSession, actor: Technician) -> BaseModel:
        if other is None:
            ticket = await by_number(session, number, lock=True)
        else:
            ticket = await beside(session, number, other)
        answer = await change(session, actor, ticket)
        if answer is None:
            await session.flush()
            session.expire(ticket)
            return await View(api.office).ticket(session, number)
        return answer

    return await perform(request, api, caller, effect, status=status, content=content)


@router.post("/articles", status_code=201, response_model=models.ArticleOut, openapi_extra=_ARTICLE_BODY)
async def add_article(number: TicketNumber, request: Request, api: ApiParts, caller: Caller) -> Response:
    """A reply or request to the customer, or an internal note; as JSON, or multipart with files."""
    wanted, files, content = await _article_of(request, api, caller)
    kind, asks = ArticleKind(wanted.kind), _asks(wanted)

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        if kind is ArticleKind.NOTE:
            article = await tickets.note(session, actor, ticket, text=wanted.text, files=files)
        else:
            article = await tickets.reply(
                session, actor, ticket, text=wanted.text, files=files, asks=asks, office=api.office
            )
        return await View(api.office).written(session, article)

    return await on_ticket(request, api, caller, number, change, status=201, content=content)


@router.post("/take", response_model=models.TicketOut)
async def take(number: TicketNumber, request: Request, api: ApiParts, caller: Caller) -> Response:
    """Make the ticket the caller's; a new one opens."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await tickets.take(session, actor, ticket, office=api.office)

    return await on_ticket(request, api, caller, number, change)


@router.post("/assign", response_model=models.TicketOut)
async def assign(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewAssignee
) -> Response:
    """Give the ticket to somebody of the desk, or with null back to nobody; a new one given to somebody opens."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        to = None if wanted.assignee is None else await staff.by_username(session, wanted.assignee)
        if wanted.assignee is not None and to is None:
            raise InvalidError(N_("There is no user %(username)s."), field="assignee", username=wanted.assignee)
        await tickets.assign(session, actor, ticket, to=to, office=api.office)

    return await on_ticket(request, api, caller, number, change)


@router.post("/articles/{article}/retract", response_model=models.TicketOut)
async def retract(
    number: TicketNumber, article: Position, request: Request, api: ApiParts, caller: Caller
) -> Response:
    """Take a wrong answer back, out of every chat it reached; within 48 hours. 409 with the reason otherwise."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await retraction.retract(session, actor, ticket, position=article)

    return await on_ticket(request, api, caller, number, change)


@router.post("/reopen", response_model=models.TicketOut)
async def reopen(number: TicketNumber, request: Request, api: ApiParts, caller: Caller) -> Response:
    """Open a closed ticket again. 409 with the reason where its minutes have been invoiced."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await reopening.reopen(session, ticket, actor, office=api.office)

    return await on_ticket(request, api, caller, number, change)


@router.post("/pending", response_model=models.TicketOut)
async def set_pending(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewPending
) -> Response:
    """Hand over to Development until a date."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        responsible = await staff.by_username(session, wanted.responsible)
        if responsible is None:
            raise InvalidError(N_("There is no user %(username)s."), field="responsible", username=wanted.responsible)
        await pending.set_pending(
            session, actor, ticket, remind_at=wanted.remind_at, responsible=responsible, office=api.office
        )

    return await on_ticket(request, api, caller, number, change)


@router.post("/resume", response_model=models.TicketOut)
async def resume(number: TicketNumber, request: Request, api: ApiParts, caller: Caller) -> Response:
    """Back from pending to open: no reminder comes any more. 409 where it is not pending."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await pending.resume(session, actor, ticket, office=api.office)

    return await on_ticket(request, api, caller, number, change)


@router.post("/calls", status_code=201, response_model=call_models.CallOut)
async def log_call(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewCall
) -> Response:
    """Record a call attempt; without ``at`` it was now. One that came to nothing asks the customer when to call."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        call = await calls.log_call(
            session, actor, ticket, outcome=wanted.outcome, phone=wanted.phone, at=wanted.at, office=api.office
        )
        await session.refresh(call, ["technician"])
        return View(api.office).call(call)

    return await on_ticket(request, api, caller, number, change, status=201)


@router.post("/time", status_code=201, response_model=models.TimeOut)
async def log_time(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewTime
) -> Response:
    """Record minutes worked."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        entry = await tickets.log_time(session, actor, ticket, minutes=wanted.minutes, note=wanted.note)
        await session.refresh(entry, ["technician"])
        return View(api.office).time(entry)

    return await on_ticket(request, api, caller, number, change, status=201)


def _asks(wanted: models.NewArticle) -> Asks | None:
    """A request that does not say what for asks for an answer in words."""
    if ArticleKind(wanted.kind) is ArticleKind.REQUEST:
        return wanted.asks or Asks.OTHER
    if wanted.asks is not None:
        raise InvalidError(N_("Only a request asks for something."), field="asks")
    return None


async def _article_of(
    request: Request, api: Api, caller: Technician
) -> tuple[models.NewArticle, list[NewFile], bytes]:
    """The article, its stored files, and what makes the request the same as another one."""
    require_type(request, "application/json", "multipart/form-data")
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        body = await capped(request, LARGEST_BODY).body()
        wanted = _validated(body)
        authorize(caller, _NEEDS[ArticleKind(wanted.kind)])
        return wanted, [], body
    async with capped(request, LARGEST_FORM).form(max_files=50, max_fields=10) as form:
        parts = form.multi_items()
        chosen = [part for name, part in parts if name == "files" and isinstance(part, UploadFile)]
        fields = {name: part for name, part in parts if part not in chosen}
        wanted = _validated(fields)
        authorize(caller, _NEEDS[ArticleKind(wanted.kind)])  # nobody fills the disk who may not write
        files = await uploads.store(api.store, chosen)
    same = repr((wanted.model_dump_json(), [(file.name, file.content.sha256) for file in files])).encode()
    return wanted, files, hashlib.sha256(same).digest()


def _validated(body: bytes | Mapping[str, object]) -> models.NewArticle:
    try:
        if isinstance(body, bytes):
            return models.NewArticle.model_validate_json(body)
        return models.NewArticle.model_validate(body)
    except ValidationError as error:
        found = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
