"""In and out of the panel."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import auth, csrf, forms
from admin.errors import headers_of, status_of
from admin.forms import Form
from admin.panel import Panel, Visit
from core.actions import sessions
from core.actions.sessions import WrongLoginError
from core.errors import TooOftenError
from core.i18n import N_

_HIDDEN = frozenset({"csrf", "submission", "kept", "fragment", "password", "again"})


async def show(request: Request, panel: Panel) -> Response:
    try:
        await auth.visit_of(request, panel)
    except auth.NobodyError:
        form = Form(values={"next": request.query_params.get("next", "")})
        return _page(request, panel, form, notice=_NOTICES.get(request.query_params.get("notice", ""), ""))
    return RedirectResponse(local_path(request.query_params.get("next", "")), status_code=303)


async def enter(request: Request, panel: Panel) -> Response:
    form = await forms.read(request, cap=forms.SMALL)
    auth.check_stranger(request, panel, form.text("csrf"))
    address = request.client.host if request.client else ""
    try:
        async with panel.database.write() as session:
            attempt = await sessions.begin(session, username=form.line("username"), address=address)
        technician_id = await sessions.judge(attempt, form.text("password"))
    except (WrongLoginError, TooOftenError) as refusal:
        answer = _page(request, panel, form.refuse(refusal, panel.t), status=status_of(refusal))
        answer.headers.update(headers_of(refusal))
        return answer
    async with panel.database.write() as session:
        token = await sessions.start(session, attempt, technician_id)
    return auth.set_session(RedirectResponse(local_path(form.text("next")), status_code=303), panel, token)


async def leave(request: Request, visit: Visit) -> Response:
    await forms.signed(request, visit, cap=forms.SMALL)
    async with visit.database.write() as session:
        await sessions.end(session, visit.session_id)
    return auth.forget_session(RedirectResponse("/login", status_code=303), visit.panel)


async def session_over(request: Request, panel: Panel) -> Response:
    """The session ended while somebody was writing: show what the form brought, to be copied."""
    form = await forms.read(request, cap=forms.LARGE if await auth.was_here(request, panel) else forms.SMALL)
    texts = [value for name, value in form.values.items() if value.strip() and name not in _HIDDEN]
    referer = urlsplit(request.headers.get("referer", ""))
    back = local_path(referer.path) if referer.netloc == request.headers.get("host") else "/"
    answer = panel.page(
        "session_over/page.html",
        status=401,
        texts=texts,
        had_files=bool(form.uploads),
        address=f"/login?next={quote(back, safe='')}",
    )
    return auth.forget_session(answer, panel)


def local_path(text: str) -> str:
    """The path to go to after the log-in: one of this panel, else the queue."""
    # a browser reads a backslash as a slash and drops line breaks and tabs
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return "/"
    return "/" if text.partition("?")[0] in {"/login", "/logout"} else text


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
