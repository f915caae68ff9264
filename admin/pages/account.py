"""Mi cuenta: one's name, password, sessions and API tokens."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import headers_of, status_of
from admin.forms import Form
from admin.panel import Visit
from core import passwords
from core.actions import accounts, sessions, submissions
from core.actions.sessions import Try, WrongLoginError
from core.actions.staff import PASSWORD_SHORTEST
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, TooOftenError
from core.i18n import N_
from core.models import Technician
from core.queries import staff
from core.render.browsers import browser_name
from core.render.roles import ROLE_WORDS
from core.rules.identity import normalise_password

Change = Callable[[WriteSession, Technician, Form], Awaitable[None]]
Refusal = InvalidError | ConflictError | TooOftenError
REFUSALS = (InvalidError, ConflictError, TooOftenError)

_DONE = {
    "saved": N_("Saved."),
    "password": N_("The password is changed. Your other sessions are over."),
    "shown": N_("It was shown already, and only that once. Make another one if it is lost."),
    "off": N_("The second factor is off."),
}


async def show(request: Request, visit: Visit) -> Response:
    return await page(request, visit)


async def stay(request: Request, visit: Visit) -> Response:
    """Somebody is there: that was noted when the log-in was found."""
    await forms.signed(request, visit, cap=forms.SMALL)
    return Response(media_type="text/plain")


async def rename(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, form: Form) -> None:
        accounts.rename(session, actor, form.line("name"))

    return await _change(request, visit, change)


async def choose_keys(request: Request, visit: Visit) -> Response:
    """Whether one key alone does something, which not everybody's hands or voice input bear."""

    async def change(session: WriteSession, actor: Technician, form: Form) -> None:
        actor.single_keys = form.text("single_keys") == "on"

    return await _change(request, visit, change)


async def change_password(request: Request, visit: Visit) -> Response:
    """The old password is asked for: who finds a browser open does not take the account over."""
    form = await forms.signed(request, visit, cap=forms.SMALL)
    password = form.text("password")
    done = RedirectResponse("/account?done=password", status_code=303)
    try:
        proof = await prove(request, visit, form.text("old"), field="old")
        sessions.check_password(password, visit.technician)
        if password != form.text("again"):
            raise InvalidError(N_("The two passwords are not the same."), field="again")
        hashed = await passwords.hash_password(normalise_password(password))

        async def change(session: WriteSession, actor: Technician) -> None:
            await accounts.require_still(session, actor, proof, kept=visit.session_id)
            await accounts.change_password(session, actor, hashed=hashed, kept=visit.session_id)

        await forms.carry_out(visit, form, change)
    except REFUSALS as refusal:
        if await forms.was_done(visit, form):
            return done  # a second click: what proved who sends it is the old password by now
        return await page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return done


async def end_session(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, form: Form) -> None:
        await accounts.end_session(session, actor, actor, request.path_params["session"])

    return await _change(request, visit, change)


async def end_others(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, form: Form) -> None:
        await accounts.end_other_sessions(session, actor, kept=visit.session_id)

    return await _change(request, visit, change)


async def make_token(request: Request, visit: Visit) -> Response:
    """The password is asked for: a token outlives the session of the browser it was made in."""
    form = await forms.signed(request, visit, cap=forms.SMALL)
    try:
        proof = await prove(request, visit, form.text("token_password"), field="token_password")
        async with visit.database.write() as session:
            actor = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, actor, form.submission):
                return RedirectResponse("/account?done=shown", status_code=303)
            await accounts.require_still(session, actor, proof, kept=visit.session_id)
            token = accounts.make_token(session, actor, form.line("token_name"))
    except REFUSALS as refusal:
        return await page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return visit.page("account/token.html", token=token, name=form.line("token_name"))


async def revoke_token(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, form: Form) -> None:
        await accounts.revoke_token(session, actor, actor, request.path_params["issued"])

    return await _change(request, visit, change)


async def prove(request: Request, visit: Visit, password: str, *, field: str) -> Try:
    """Raises InvalidError unless it is the visitor's password, TooOftenError as at the log-in.

    What follows in a transaction of its own asks first whether that still holds (``accounts.require_still``).
    """
    address = request.client.host if request.client else ""
    async with visit.database.write() as session:
        attempt = await sessions.begin(session, username=visit.technician.username, address=address, is_inside=True)
    try:
        await sessions.judge(attempt, password)
    except WrongLoginError:
        raise InvalidError(N_("This is not your password."), field=field) from None
    async with visit.database.write() as session:
        await sessions.forget_failures(session, attempt.username, attempt.address)
    return attempt


async def page(
    request: Request,
    visit: Visit,
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with visit.database.read() as session:
        technician = await staff.by_id(session, visit.technician.id)
        found = await staff.open_sessions(session, technician, at=now())
        tokens = await staff.tokens(session, technician)
        codes = await staff.codes_left(session, technician)
    done = request.query_params.get("done", "")
    answer = visit.page(
        "account/page.html",
        status=status_of(refusal) if refusal else 200,
        technician=technician,
        sessions=found,
        tokens=tokens,
        codes_left=codes,
        is_required=visit.panel.needs_second_factor,
        words=ROLE_WORDS,
        browser_name=browser_name,
        shortest=PASSWORD_SHORTEST,
        form=form or Form(),
        done=_DONE.get(done, ""),
        still_valid=len(tokens) if done == "password" else 0,
    )
    if refusal is not None:
        answer.headers.update(headers_of(refusal))
    return answer


async def _change(request: Request, visit: Visit, change: Change) -> Response:
    form = await forms.signed(request, visit, cap=forms.SMALL)
    try:
        await forms.carry_out(visit, form, lambda session, actor: change(session, actor, form))
    except REFUSALS as refusal:
        return await page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse("/account?done=saved", status_code=303)
