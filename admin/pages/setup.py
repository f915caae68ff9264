"""The one-time link with which a technician chooses a password."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import auth, csrf, forms
from admin.errors import status_of
from admin.forms import Form
from admin.panel import Panel
from core import passwords
from core.actions import sessions, submissions
from core.actions.sessions import SpentLinkError
from core.actions.staff import PASSWORD_SHORTEST, token_sha256
from core.clock import now
from core.errors import InvalidError
from core.i18n import N_
from core.models import Technician
from core.queries import staff
from core.rules.identity import normalise_password


async def show(request: Request, panel: Panel) -> Response:
    return _page(request, panel, await _technician(request, panel), Form())


async def choose(request: Request, panel: Panel) -> Response:
    form = await forms.read(request, cap=forms.SMALL)
    auth.check_stranger(request, panel, form.text("csrf"))
    done = RedirectResponse("/login?notice=password", status_code=303)
    try:
        return await _choose(request, panel, form) or done
    except SpentLinkError:
        if await _was_chosen(request, panel, form):
            return done  # a second click
        raise


async def _choose(request: Request, panel: Panel, form: Form) -> Response | None:
    """The page again where the password is refused. Raises SpentLinkError."""
    technician = await _technician(request, panel)
    password = form.text("password")
    try:
        sessions.check_password(password, technician)
        if form.text("again") != password:
            raise InvalidError(N_("The two passwords are not the same."), field="again")
    except InvalidError as refusal:
        return _page(request, panel, technician, form.refuse(refusal, panel.t), status=status_of(refusal))
    hashed = await passwords.hash_password(normalise_password(password))
    address = request.client.host if request.client else ""
    async with panel.database.write() as session:
        token = request.path_params["token"]
        owner = await sessions.choose_password(session, token, password_hash=hashed, address=address)
        await submissions.is_first(session, owner, form.submission)
    return None


async def _was_chosen(request: Request, panel: Panel, form: Form) -> bool:
    """Whether this very form has spent the link."""
    async with panel.database.read() as session:
        owner = await staff.invited_by(session, token_sha256(request.path_params["token"]))
        return owner is not None and await submissions.was_sent(session, owner, form.submission)


async def _technician(request: Request, panel: Panel) -> Technician:
    async with panel.database.read() as session:
        link = await staff.setup_link(session, token_sha256(request.path_params["token"]), at=now())
    if link is None:
        raise SpentLinkError
    return link.technician


def _page(request: Request, panel: Panel, technician: Technician, form: Form, *, status: int = 200) -> Response:
    nonce = auth.stranger_nonce(request, panel)
    answer = panel.page(
        "setup/page.html",
        status=status,
        technician=technician,
        form=form,
        shortest=PASSWORD_SHORTEST,
        token=csrf.token_for(panel, nonce),
    )
    return auth.keep_nonce(answer, panel, nonce)
