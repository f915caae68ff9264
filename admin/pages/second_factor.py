"""The second factor: asked for after the password, set up there or in Mi cuenta."""

from collections.abc import Callable
from urllib.parse import quote

import segno
from cryptography.fernet import InvalidToken
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import auth, forms
from admin.errors import headers_of, status_of
from admin.forms import Form
from admin.pages import account
from admin.pages.account import REFUSALS, Refusal
from admin.panel import Panel, Visit
from core.actions import accounts, second_factor, sessions, submissions
from core.db import ROW, WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.messaging.vault import Vault
from core.models import Technician
from core.rules import second_factor as rules

TOO_OLD = N_("This page is too old. Load it again.")


def door(onwards: str, *, has_factor: bool) -> str:
    """Where somebody goes who has given the password and no second factor yet."""
    step = "code" if has_factor else "factor"
    return f"/login/{step}" + (f"?next={quote(onwards, safe='')}" if onwards != "/" else "")


async def ask(request: Request, visit: Visit) -> Response:
    if visit.technician.totp_secret is None:
        onwards = auth.local_path(request.query_params.get("next", ""))
        return RedirectResponse(door(onwards, has_factor=False), status_code=303)
    return _ask(visit, Form(values={"next": request.query_params.get("next", "")}))


async def take(request: Request, visit: Visit) -> Response:
    """The code of the log-in, of the app or of the paper."""
    form = await forms.signed(request, visit, cap=forms.SMALL)
    address = request.client.host if request.client else ""
    try:
        if visit.technician.totp_secret is None:
            raise ConflictError(N_("The second factor is not set up."))
        async with visit.database.write() as session:
            await sessions.begin_code(session, visit.technician, address=address)
        async with visit.database.write() as session:
            technician = await session.get_one(Technician, visit.technician.id)
            await second_factor.spend(session, technician, form.line("code"), vault=_vault(visit.panel))
            token = await sessions.complete(session, technician, visit.session_id, address=address)
    except REFUSALS as refusal:
        return _ask(visit, form.refuse(refusal, visit.t), refusal)
    answer = RedirectResponse(auth.local_path(form.text("next")), status_code=303)
    return auth.set_session(answer, visit.panel, token)


async def show_first(request: Request, visit: Visit) -> Response:
    """The set-up where the desk requires a factor: nothing else opens before."""
    onwards = auth.local_path(request.query_params.get("next", ""))
    if visit.technician.totp_secret is not None:
        return RedirectResponse(door(onwards, has_factor=True), status_code=303)
    return _set_up(visit, Form(values={"next": onwards}), is_first=True)


async def take_first(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit, cap=forms.SMALL)
    address = request.client.host if request.client else ""
    try:
        async with visit.database.write() as session:
            technician = await session.get_one(Technician, visit.technician.id, with_for_update=ROW)
            if technician.totp_secret is not None:
                raise ConflictError(N_("The second factor is set up already. Log in again."))
            codes = await _turn_on(session, technician, form, visit.panel)
            token = await sessions.complete(session, technician, visit.session_id, address=address)
    except REFUSALS as refusal:
        if codes := await _shown_again(form, visit.panel):
            return _codes(codes, form, visit.panel)
        return _set_up(visit, form.refuse(refusal, visit.t), refusal, is_first=True)
    return auth.set_session(_codes(codes, form, visit.panel), visit.panel, token)


async def take_second(request: Request, panel: Panel) -> Response | None:
    """The second click of ``take_first``, whose session is another by now: the same codes, and no log-in with them.

    What the form brings was given to nobody else, and is worth something only a moment after it was used.
    """
    form = await forms.read(request, cap=forms.SMALL)
    codes = await _shown_again(form, panel)
    return _codes(codes, form, await auth.dressed(panel)) if codes else None


async def _shown_again(form: Form, panel: Panel) -> list[str]:
    vault = _vault(panel)
    try:
        owner, secret, seed = _unlocked(form.text("secret"), vault)
    except ConflictError:
        return []
    async with panel.database.read() as session:
        return await second_factor.shown_again(
            session, owner, secret=secret, seed=seed, code=form.line("code"), vault=vault
        )


def _codes(codes: list[str], form: Form, panel: Panel) -> Response:
    return panel.page("account/codes.html", codes=codes, onwards=auth.local_path(form.text("next")))


async def show(request: Request, visit: Visit) -> Response:
    return _set_up(visit, Form())


async def turn_on(request: Request, visit: Visit) -> Response:
    """Set up, or moved to another phone, with the password."""
    form = await forms.signed(request, visit, cap=forms.SMALL)
    try:
        proof = await account.prove(request, visit, form.text("password"), field="password")
        async with visit.database.write() as session:
            technician = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, technician, form.submission):
                return RedirectResponse("/account?done=shown", status_code=303)
            await accounts.require_still(session, technician, proof, kept=visit.session_id)
            codes = await _turn_on(session, technician, form, visit.panel)
    except REFUSALS as refusal:
        return _set_up(visit, form.refuse(refusal, visit.t), refusal)
    return visit.page("account/codes.html", codes=codes, onwards="/account")


async def renew_codes(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit, cap=forms.SMALL)
    try:
        proof = await account.prove(request, visit, form.text("factor_password"), field="factor_password")
        async with visit.database.write() as session:
            technician = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, technician, form.submission):
                return RedirectResponse("/account?done=shown", status_code=303)
            await accounts.require_still(session, technician, proof, kept=visit.session_id)
            codes = await second_factor.renew_codes(session, technician)
    except REFUSALS as refusal:
        return await account.page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return visit.page("account/codes.html", codes=codes, onwards="/account")


async def turn_off(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit, cap=forms.SMALL)
    try:
        if visit.panel.needs_second_factor:
            raise ConflictError(N_("This desk requires a second factor."))
        proof = await account.prove(request, visit, form.text("factor_password"), field="factor_password")

        async def change(session: WriteSession, actor: Technician) -> None:
            await accounts.require_still(session, actor, proof, kept=visit.session_id)
            await second_factor.turn_off(session, actor)

        await forms.carry_out(visit, form, change)
    except REFUSALS as refusal:
        return await account.page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse("/account?done=off", status_code=303)


async def _turn_on(session: WriteSession, technician: Technician, form: Form, panel: Panel) -> list[str]:
    vault = _vault(panel)
    secret, seed = _opened(form.text("secret"), technician, vault)
    code = form.line("code")
    return await second_factor.turn_on(session, technician, secret=secret, seed=seed, code=code, vault=vault)


def _vault(panel: Panel) -> Vault:
    return second_factor.vault_of(panel.secret)


def _locked(secret: str, technician: Technician, vault: Vault) -> str:
    """On its way through the form: only this panel reads it, and only for this technician.

    With what the codes on paper are made from, so that a second click brings the same.
    """
    return vault.lock(f"{technician.id} {secret} {rules.new_seed()}".encode()).decode()


def _opened(text: str, technician: Technician, vault: Vault) -> tuple[str, str]:
    """Secret and seed. Raises ConflictError for what this panel has not given to this technician."""
    owner, secret, seed = _unlocked(text, vault)
    if owner != technician.id:
        raise ConflictError(TOO_OLD)
    return secret, seed


def _unlocked(text: str, vault: Vault) -> tuple[int, str, str]:
    """Whose it is, secret and seed. Raises ConflictError for what this panel has not given."""
    try:
        owner, secret, seed = vault.unlock(text.encode()).decode().split()
    except (InvalidToken, ValueError):
        raise ConflictError(TOO_OLD) from None
    return int(owner), secret, seed


def _ask(visit: Visit, form: Form, refusal: Refusal | None = None) -> Response:
    status = status_of(refusal) if refusal else 200
    answer = visit.panel.page("login/code.html", status=status, halfway=visit, form=form)
    answer.headers.update(headers_of(refusal) if refusal else {})
    return answer


def _set_up(visit: Visit, form: Form, refusal: Refusal | None = None, *, is_first: bool = False) -> Response:
    """The QR; a refused form comes back with the same one, for the phone knows it already."""
    vault = _vault(visit.panel)
    try:
        secret, _ = _opened(form.text("secret"), visit.technician, vault)
    except ConflictError:
        secret = rules.new_secret()
    address = rules.address_of(secret, user=visit.technician.username, desk=visit.office.name)
    show: Callable[..., Response] = visit.panel.page if is_first else visit.page
    answer = show(
        "account/setup.html",
        status=status_of(refusal) if refusal else 200,
        form=form,
        halfway=visit,
        is_first=is_first,
        secret=secret,
        locked=_locked(secret, visit.technician, vault),
        drawing=segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff", omitsize=True),
    )
    answer.headers.update(headers_of(refusal) if refusal else {})
    return answer
