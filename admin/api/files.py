"""The files of a ticket, for programs."""

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import Id, TicketNumber
from admin.api.problems import described
from admin.headers import attached
from core.errors import NotFoundError
from core.i18n import N_
from core.queries import dossier
from core.queries.tickets import by_number

router = APIRouter(tags=["tickets"], route_class=Guarded, responses=described(401, 403, 404, 422))


@router.get(
    "/tickets/{number}/files/{id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def file(
    number: TicketNumber,
    file_id: Id,
    api: ApiParts,
    _: Caller,
) -> Response:
    """The bytes of an attachment; 404 until its state is stored."""
    async with api.database.read() as session:
        found = await dossier.file_of(session, await by_number(session, number), file_id)
    if found.sha256 is None or not (path := api.store.path(found.sha256)).exists():
        raise NotFoundError(N_("The file is not here."))
    return FileResponse(path, media_type="application/octet-stream", headers=attached(found.name))
