"""How the desk is: for people as a page, for machines as /livez, /readyz and /metrics."""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from admin.metrics import exposition
from admin.panel import Panel, Visit
from core.clock import now
from core.queries import alarms
from core.render import alarms as words


async def show(request: Request, visit: Visit) -> Response:
    """What is wrong now and what to do about it, and what was of late."""
    async with visit.database.read() as session:
        past = await alarms.past_alarms(session)
    return visit.page("health/page.html", past=past, words=words)


async def livez(request: Request, panel: Panel) -> Response:
    """This process answers; nothing else is asked."""
    return JSONResponse({"is_alive": True})


async def readyz(request: Request, panel: Panel) -> Response:
    """200 when the desk can do its work, else 503; each finding in words."""
    findings = await panel.watch.findings()
    is_ready = all(finding.is_well for finding in findings)
    body = {"is_ready": is_ready, "findings": [finding.as_json() for finding in findings]}
    return JSONResponse(body, status_code=200 if is_ready else 503)


async def metrics(request: Request, panel: Panel) -> Response:
    """Figures for who brings the token. Without one in the settings there is no such page.

    Where a request comes from proves nothing: behind a reverse proxy everybody comes from this machine.
    """
    if not panel.watch.has_metrics:
        raise HTTPException(404)
    if not panel.watch.may_see_metrics(request.headers.get("authorization", "")):
        return Response(status_code=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    facts, figures = await panel.watch.figures()
    return Response(exposition(facts, figures, now()), headers={"Content-Type": CONTENT_TYPE_LATEST})
