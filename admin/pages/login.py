"""In and out of the panel."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import auth, csrf, forms
from admin.errors import headers_of, status_of
from admin.forms import Form
from admin.pages import second_factor
from admin.panel import Panel, Visit
from core.actions import sessions
from core.actions.sessions import WrongLoginError
from core.errors import TooOftenError
from core.i18n import N_

HIDDEN = frozenset(
    {"csrf", "submission", "kept", "fragment", "next", "state", "year", "entry", "replaces", "place"}
    | {"version", "seen", "seen_bag", "ruc_seen", "since", "read", "before", "invoiced"}
)
SECRET = frozenset({"password", "again", "old", "factor_password", "secret", "code"})
CHOSEN = frozenset(
    {"closure", "shortfall", "asks", "canned", "outcome", "assignee", "responsible", "service", "product", "told"}
    | {"chosen", "action", "role", "timezone", "is_development", "is_enabled", "files_mandatory", "single_keys"}
    | {"sure"}
)
_NOT_WRITTEN = HIDDEN | SECRET | CHOSEN


async def show(request: Request, panel: Panel) -> Response:
    onwards = auth.local_path(request.query_params.get("next", ""))
    try:
        await auth.visit_of(request, panel)
    except auth.NobodyError:
        halfway = await auth.halfway_visit(request, panel)
        if halfway is not None and "again" not in request.query_params:
            has_factor = halfway.technician.totp_secret is not None
            return RedirectResponse(second_factor.door(onwards, has_factor=has_factor), status_code=303)
        form = Form(values={"next": request.query_params.get("next", "")})
        return _page(request, panel, form, notice=_NOTICES.get(request.query_params.get("notice", ""), ""))
    return RedirectResponse(onwards, status_code=303)


async def enter(request: Request, panel: Panel) -> Response:
    form = await forms.read(request, cap=forms.SMALL)
    auth.check_stranger(request, panel, form.text("csrf"))
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    try:
        async with panel.database.write() as session:
            attempt = await sessions.begin(session, username=form.line("username"), address=address)
        technician_id = await sessions.judge(attempt, form.text("password"))
        async with panel.database.write() as session:
            log_in = await sessions.start(
                session, attempt, technician_id, agent=agent, needs_factor=panel.needs_second_factor
            )
    except (WrongLoginError, TooOftenError) as refusal:
        answer = _page(request, panel, form.refuse(refusal, panel.t), status=status_of(refusal))
        answer.headers.update(headers_of(refusal))
        return answer
    onwards = auth.local_path(form.text("next"))
    if not log_in.is_complete:
        onwards = second_factor.door(onwards, has_factor=log_in.has_factor)
    return auth.set_session(RedirectResponse(onwards, status_code=303), panel, log_in.token)


async def leave(request: Request, visit: Visit) -> Response:
    await forms.signed(request, visit, cap=forms.SMALL)
    async with visit.database.write() as session:
        await sessions.end(session, visit.session_id)
    return auth.forget_session(RedirectResponse("/login", status_code=303), visit.panel)


async def session_over(request: Request, panel: Panel) -> Response:
    """The session ended while somebody was writing: show what the form brought, to be copied.

    Whoever logs out twice is out.
    """
    if request.url.path == "/logout":
        return auth.forget_session(RedirectResponse("/login", status_code=303), panel)
    form = await forms.read(request, cap=forms.LARGE if await auth.was_here(request, panel) else forms.SMALL)
    texts = [value for name, value in form.values.items() if value.strip() and name not in _NOT_WRITTEN]
    referer = urlsplit(request.headers.get("referer", ""))
    back = auth.local_path(referer.path) if referer.netloc == request.headers.get("host") else "/"
    answer = panel.page(
        "session_over/page.html",
        status=401,
        texts=texts,
        had_files=bool(form.uploads),
        address=f"/login?next={quote(back, safe='')}",
    )
    return auth.forget_session(answer, panel)


def _page(request: Request, panel: Panel, form: Form, *, status: int = 200, notice: str = "") -> Response:
    nonce = auth.stranger_nonce(request, panel)
    answer = panel.page(
        "login/page.html",
        status=status,
        form=form,
        notice=panel.t(notice) if notice else "",
        token=csrf.token_for(panel, nonce),
    )
    return auth.keep_nonce(answer, panel, nonce)


_NOTICES = {"password": N_("The password is saved. You can log in now.")}
