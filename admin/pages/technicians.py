"""Technicians: who works at the desk, as what, and where they are logged in."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import accounts, second_factor, submissions
from core.actions import staff as actions
from core.actions.desk_settings import Fields
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_, Translator
from core.models import Technician
from core.queries import staff
from core.render.browsers import browser_name
from core.render.roles import ROLE_WORDS
from core.rules.permissions import Role

Change = Callable[[WriteSession, Technician, Technician, Form], Awaitable[None]]

_LABELS = {"name": N_("Name"), "role": N_("Role"), "is_development": N_("Development")}
_DONE = {
    "saved": N_("Saved."),
    "shown": N_("The link was shown already, and only that once. Make another one if it is lost."),
}


async def show(request: Request, visit: Visit) -> Response:
    return await _list(request, visit)


async def add(request: Request, visit: Visit) -> Response:
    """A new technician, with the link to choose a password, which is shown this once."""
    form = await forms.signed(request, visit)
    try:
        async with visit.database.write() as session:
            actor = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, actor, form.submission):
                return RedirectResponse("/technicians?done=shown", status_code=303)
            technician = await actions.add_technician(
                session,
                username=form.line("username"),
                name=form.line("name"),
                role=_role(form),
                is_development=form.text("is_development") == "on",
                actor=actor,
            )
            token = await actions.setup_link(session, technician)
    except (InvalidError, ConflictError) as refusal:
        return await _list(request, visit, form=form.refuse(refusal, visit.t), status=status_of(refusal))
    return _link(visit, technician, token)


async def show_one(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def give_link(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    try:
        async with visit.database.write() as session:
            technician = await staff.by_id(session, request.path_params["id"], lock=True)
            actor = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, actor, form.submission):
                return RedirectResponse(f"/technicians/{technician.id}?done=shown", status_code=303)
            token = await actions.give_setup_link(session, actor, technician)
    except ConflictError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return _link(visit, technician, token)


async def save(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, technician: Technician, form: Form) -> None:
        marked = form.text("is_development") == "on"
        await actions.change(
            session,
            actor,
            technician,
            name=form.line("name"),
            role=_role(form),
            is_development=marked,
            seen=settings.seen(form),
        )

    return await _change(request, visit, change)


async def disable(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, lambda session, actor, who, _: actions.disable(session, actor, who))


async def enable(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, lambda session, actor, who, _: actions.enable(session, actor, who))


async def revoke_sessions(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, lambda session, actor, who, _: actions.revoke_sessions(session, actor, who))


async def reset_second_factor(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, lambda session, actor, who, _: second_factor.reset(session, actor, who))


async def end_session(request: Request, visit: Visit) -> Response:
    number = request.path_params["session"]
    return await _change(
        request, visit, lambda session, actor, who, _: accounts.end_session(session, actor, who, number)
    )


async def revoke_token(request: Request, visit: Visit) -> Response:
    number = request.path_params["issued"]
    return await _change(
        request, visit, lambda session, actor, who, _: accounts.revoke_token(session, actor, who, number)
    )


async def _change(request: Request, visit: Visit, change: Change) -> Response:
    form, number = await forms.signed(request, visit), request.path_params["id"]

    async def act(session: WriteSession, actor: Technician) -> None:
        await change(session, actor, await staff.by_id(session, number, lock=True), form)

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, ConflictError) as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"/technicians/{number}?done=saved", status_code=303)


def _role(form: Form) -> Role:
    try:
        return Role(form.text("role"))
    except ValueError:
        raise InvalidError(N_("Choose a role."), field="role") from None


def _words(t: Translator) -> Mapping[str, Fields]:
    roles = {role.value: t(words) for role, words in ROLE_WORDS.items()}
    return {"role": roles, "is_development": {"on": t("yes"), "": t("no")}}


def _link(visit: Visit, technician: Technician, token: str) -> Response:
    address = f"{visit.office.panel_url}/setup/{token}"
    return visit.page("technicians/link.html", technician=technician, address=address)


async def _list(request: Request, visit: Visit, *, form: Form | None = None, status: int = 200) -> Response:
    async with visit.database.read() as session:
        technicians = await staff.everybody(session)
    return visit.page(
        "technicians/page.html",
        status=status,
        technicians=technicians,
        words=ROLE_WORDS,
        form=form or Form(),
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    async with visit.database.read() as session:
        technician = await staff.by_id(session, request.path_params["id"])
        sessions = await staff.open_sessions(session, technician, at=now())
        tokens = await staff.tokens(session, technician)
    return visit.page(
        "technicians/technician.html",
        status=status_of(refusal) if refusal else 200,
        technician=technician,
        seen=settings.sees(form, refusal, actions.written(technician)),
        changed=settings.changed(refusal, {name: visit.t(label) for name, label in _LABELS.items()}, _words(visit.t)),
        sessions=sessions,
        tokens=tokens,
        browser_name=browser_name,
        words=ROLE_WORDS,
        form=form or Form(),
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )
