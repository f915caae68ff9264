"""Every page of the panel, and who may ask for it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from admin import auth, csrf
from admin.auth import Entrance, NobodyError
from admin.pages import (
    account,
    account_telegram,
    audit,
    billing,
    bulk,
    canned,
    closing,
    companies,
    company_import,
    company_record,
    deeds,
    deliveries,
    drafts,
    files,
    health,
    live,
    login,
    new_ticket,
    persons,
    presence,
    queue,
    reports,
    second_factor,
    settings_canned,
    settings_hours,
    settings_offer,
    settings_policy,
    settings_texts,
    setup,
    statement,
    technicians,
    ticket,
    timing,
    upload,
    views,
    webhooks,
    work,
)
from admin.panel import Panel, Visit
from core.rules.permissions import Permission

StaffPage = Callable[[Request, Visit], Awaitable[Response]]
OpenPage = Callable[[Request, Panel], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table. A page for everybody gets the panel, every other one the visit."""

    method: str
    path: str
    show: StaffPage | OpenPage
    needs: Permission | Entrance | None


class NumberConvertor(IntegerConvertor):
    """A number the database can have; a longer one is no page."""

    regex = "[0-9]{1,9}"


class IdentityConvertor(IntegerConvertor):
    """A number Telegram gave: up to 18 digits."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", NumberConvertor())
register_url_convertor("identity", IdentityConvertor())

_TICKET = "/tickets/{number:number}"
_COMPANY = "/companies/{ruc}"
_IMPORT = "/companies/import/{id:number}"
_TECHNICIAN = "/technicians/{id:number}"
_SESSION, _TOKEN = "sessions/{session:number}", "tokens/{issued:number}"
_WEBHOOK = "/settings/webhooks/{id:number}"
_UPDATE = "updates/{bot:identity}/{update:identity}"

PAGES: Sequence[Page] = (
    Page("GET", "/login", login.show, Entrance.EVERYBODY),
    Page("POST", "/login", login.enter, Entrance.EVERYBODY),
    Page("GET", "/login/code", second_factor.ask, Entrance.HALFWAY),
    Page("POST", "/login/code", second_factor.take, Entrance.HALFWAY),
    Page("GET", "/login/factor", second_factor.show_first, Entrance.HALFWAY),
    Page("POST", "/login/factor", second_factor.take_first, Entrance.HALFWAY),
    Page("POST", "/logout", login.leave, Entrance.STAFF),
    Page("GET", "/account", account.show, Entrance.STAFF),
    Page("POST", "/account/name", account.rename, Entrance.STAFF),
    Page("POST", "/account/password", account.change_password, Entrance.STAFF),
    Page("POST", "/account/sessions/end", account.end_others, Entrance.STAFF),
    Page("POST", f"/account/{_SESSION}/end", account.end_session, Entrance.STAFF),
    Page("POST", "/account/tokens", account.make_token, Entrance.STAFF),
    Page("POST", f"/account/{_TOKEN}/revoke", account.revoke_token, Entrance.STAFF),
    Page("GET", "/account/second-factor", second_factor.show, Entrance.STAFF),
    Page("POST", "/account/second-factor", second_factor.turn_on, Entrance.STAFF),
    Page("POST", "/account/second-factor/codes", second_factor.renew_codes, Entrance.STAFF),
    Page("POST", "/account/second-factor/off", second_factor.turn_off, Entrance.STAFF),
    Page("GET", "/setup/{token}", setup.show, Entrance.EVERYBODY),
    Page("POST", "/setup/{token}", setup.choose, Entrance.EVERYBODY),
    Page("GET", "/upload/{token}", upload.show, Entrance.EVERYBODY),
    Page("POST", "/upload/{token}", upload.take, Entrance.EVERYBODY),
    Page("GET", "/", queue.show, Permission.SEE_TICKETS),
    Page("POST", "/bulk/take", bulk.take, Permission.TAKE),
    Page("POST", "/bulk/assign", bulk.assign, Permission.ASSIGN),
    Page("POST", "/bulk/pending", bulk.set_pending, Permission.SET_PENDING),
    Page("GET", "/bulk/{form:path}", queue.back, Permission.SEE_TICKETS),
    Page("POST", "/views/keep", views.keep, Permission.SEE_TICKETS),
    Page("POST", "/views/{id:number}/rename", views.rename, Permission.SEE_TICKETS),
    Page("POST", "/views/{id:number}/delete", views.remove, Permission.SEE_TICKETS),
    Page("GET", "/views/{form:path}", queue.back, Permission.SEE_TICKETS),
    Page("GET", "/live", live.stream, Permission.SEE_TICKETS),
    Page("GET", "/tickets/new", new_ticket.show, Permission.OPEN_TICKET),
    Page("POST", "/tickets/new", new_ticket.open_ticket, Permission.OPEN_TICKET),
    Page("GET", _TICKET, ticket.show, Permission.SEE_TICKETS),
    Page("POST", f"{_TICKET}/reply", work.reply, Permission.ANSWER),
    Page("POST", f"{_TICKET}/note", work.note, Permission.NOTE),
    Page("POST", f"{_TICKET}/presence", presence.note, Permission.SEE_TICKETS),
    Page("POST", f"{_TICKET}/canned", canned.insert, Permission.ANSWER),
    Page("POST", f"{_TICKET}/drafts", drafts.keep, Permission.NOTE),
    Page("POST", f"{_TICKET}/drafts/{{form}}/discard", drafts.discard, Permission.NOTE),
    Page("POST", f"{_TICKET}/articles/{{article:number}}/retract", work.retract, Permission.RETRACT),
    Page("POST", f"{_TICKET}/take", work.take, Permission.TAKE),
    Page("POST", f"{_TICKET}/assign", work.assign, Permission.ASSIGN),
    Page("POST", f"{_TICKET}/reopen", work.reopen, Permission.REOPEN),
    Page("POST", f"{_TICKET}/pending", work.set_pending, Permission.SET_PENDING),
    Page("POST", f"{_TICKET}/calls", work.log_call, Permission.LOG_CALL),
    Page("POST", f"{_TICKET}/time", work.log_time, Permission.LOG_TIME),
    Page("POST", f"{_TICKET}/closure", closing.close, Permission.CLOSE),
    Page("POST", f"{_TICKET}/closure/preview", closing.preview, Permission.CLOSE),
    Page("POST", f"{_TICKET}/reclassify", closing.reclassify, Permission.RECLASSIFY),
    Page("POST", f"{_TICKET}/links", deeds.link, Permission.LINK_TICKETS),
    Page("POST", f"{_TICKET}/links/{{other:number}}/remove", deeds.unlink, Permission.LINK_TICKETS),
    Page("POST", f"{_TICKET}/merge", deeds.merge, Permission.MERGE_TICKETS),
    Page("POST", f"{_TICKET}/service", deeds.change_service, Permission.CHANGE_SERVICE),
    Page("POST", f"{_TICKET}/timer/start", timing.start, Permission.LOG_TIME),
    Page("POST", f"{_TICKET}/timer/{{timer:number}}/stop", timing.stop, Permission.LOG_TIME),
    Page("POST", f"{_TICKET}/time/{{entry:number}}/correction", timing.correct, Permission.LOG_TIME),
    Page("GET", f"{_TICKET}/files/{{attachment:number}}/{{name:path}}", files.attachment, Permission.SEE_TICKETS),
    Page("GET", f"{_TICKET}/thumbnails/{{attachment:number}}", files.thumbnail, Permission.SEE_TICKETS),
    Page("GET", f"{_TICKET}/previews/{{attachment:number}}", files.preview, Permission.SEE_TICKETS),
    Page("GET", f"{_TICKET}/report.pdf", files.report, Permission.SEE_TICKETS),
    Page("GET", f"{_TICKET}/{{form:path}}", ticket.back, Permission.SEE_TICKETS),
    Page("GET", "/billing", billing.show, Permission.SEE_LEDGER),
    Page("GET", "/billing/hours.csv", billing.as_csv, Permission.SEE_LEDGER),
    Page("GET", "/billing/hours.xlsx", billing.as_xlsx, Permission.SEE_LEDGER),
    Page("POST", "/billing/invoice", billing.invoice, Permission.INVOICE),
    Page("POST", "/billing/revert", billing.revert, Permission.INVOICE),
    Page("POST", "/companies/{ruc}/purchased-hours", billing.buy, Permission.BUY_HOURS),
    Page("GET", "/reports", reports.show, Permission.SEE_REPORTS),
    Page("GET", "/reports.csv", reports.as_csv, Permission.SEE_REPORTS),
    Page("GET", "/companies", companies.list_companies, Permission.SEE_COMPANY),
    Page("GET", "/companies/new", company_record.show_new, Permission.EDIT_COMPANY),
    Page("POST", "/companies/new", company_record.register, Permission.EDIT_COMPANY),
    Page("GET", "/companies/import", company_import.show, Permission.EDIT_COMPANY),
    Page("POST", "/companies/import", company_import.upload, Permission.EDIT_COMPANY),
    Page("GET", _IMPORT, company_import.show_one, Permission.EDIT_COMPANY),
    Page("POST", f"{_IMPORT}/confirm", company_import.confirm, Permission.EDIT_COMPANY),
    Page("POST", f"{_IMPORT}/discard", company_import.discard, Permission.EDIT_COMPANY),
    Page("GET", "/companies/{ruc}", companies.show, Permission.SEE_COMPANY),
    Page("GET", f"{_COMPANY}/record", company_record.show, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/record", company_record.change, Permission.EDIT_COMPANY),
    Page("POST", "/companies/{ruc}/clock", companies.set_clock, Permission.EDIT_COMPANY),
    Page("POST", "/companies/{ruc}/password-reset", companies.reset_password, Permission.RESET_PASSWORD),
    Page("GET", "/settings", settings_hours.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/hours", settings_hours.save_week, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/holidays", settings_hours.save_holidays, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/offer", settings_offer.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/offer", settings_offer.save, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/texts", settings_texts.show, Permission.SEE_SETTINGS),
    Page("GET", "/settings/texts/{name}", settings_texts.show_one, Permission.SEE_SETTINGS),
    Page("POST", "/settings/texts/{name}", settings_texts.save, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/texts/{name}/preview", settings_texts.preview, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/texts/{name}/reset", settings_texts.reset, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/policy", settings_policy.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/policy", settings_policy.save, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/canned", settings_canned.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/canned", settings_canned.add, Permission.EDIT_CANNED_ANSWERS),
    Page("GET", "/settings/canned/{id:number}", settings_canned.show_one, Permission.SEE_SETTINGS),
    Page("POST", "/settings/canned/{id:number}", settings_canned.save, Permission.EDIT_CANNED_ANSWERS),
    Page("GET", "/settings/webhooks", webhooks.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/webhooks", webhooks.add, Permission.EDIT_SETTINGS),
    Page("GET", _WEBHOOK, webhooks.show_one, Permission.SEE_SETTINGS),
    Page("POST", f"{_WEBHOOK}/pause", webhooks.pause, Permission.EDIT_SETTINGS),
    Page("POST", f"{_WEBHOOK}/resume", webhooks.resume, Permission.EDIT_SETTINGS),
    Page("POST", f"{_WEBHOOK}/secret", webhooks.change_secret, Permission.EDIT_SETTINGS),
    Page("POST", f"{_WEBHOOK}/test", webhooks.test, Permission.EDIT_SETTINGS),
    Page("POST", f"{_WEBHOOK}/remove", webhooks.remove, Permission.EDIT_SETTINGS),
    Page("POST", f"{_WEBHOOK}/deliveries/{{delivery:number}}/retry", webhooks.retry, Permission.EDIT_SETTINGS),
    Page("GET", f"{_WEBHOOK}/{{form:path}}", webhooks.back, Permission.SEE_SETTINGS),
    Page("GET", f"{_COMPANY}/statement", statement.show, Permission.SEE_LEDGER),
    Page("GET", f"{_COMPANY}/statement.pdf", statement.as_pdf, Permission.SEE_LEDGER),
    Page("GET", f"{_COMPANY}/statement.csv", statement.as_csv, Permission.SEE_LEDGER),
    Page("POST", f"{_COMPANY}/invitations", persons.invite, Permission.INVITE),
    Page("POST", f"{_COMPANY}/invitations/{{id:number}}/revoke", persons.revoke_invitation, Permission.INVITE),
    Page("POST", f"{_COMPANY}/approvals/{{id:number}}/approve", persons.approve, Permission.APPROVE_PERSON),
    Page("POST", f"{_COMPANY}/approvals/{{id:number}}/refuse", persons.refuse, Permission.APPROVE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/revoke", persons.revoke, Permission.REVOKE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/unfreeze", persons.unfreeze, Permission.REVOKE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/contact", persons.put_in_charge, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/denials/{{id:number}}/handled", persons.dismiss, Permission.REVOKE_PERSON),
    Page("GET", f"{_COMPANY}/{{form:path}}", persons.back, Permission.SEE_COMPANY),
    Page("GET", "/audit", audit.show, Permission.SEE_AUDIT),
    Page("GET", "/audit.csv", audit.as_csv, Permission.SEE_AUDIT),
    Page("GET", "/account/telegram", account_telegram.show, Entrance.STAFF),
    Page("POST", "/account/telegram/link", account_telegram.link, Entrance.STAFF),
    Page("POST", "/account/telegram/wishes", account_telegram.wish, Entrance.STAFF),
    Page("POST", "/account/telegram/part", account_telegram.part, Entrance.STAFF),
    Page("GET", "/account/telegram/{form:path}", account_telegram.back, Entrance.STAFF),
    Page("GET", "/technicians", technicians.show, Permission.SEE_TECHNICIANS),
    Page("POST", "/technicians", technicians.add, Permission.EDIT_TECHNICIANS),
    Page("GET", _TECHNICIAN, technicians.show_one, Permission.SEE_TECHNICIANS),
    Page("POST", _TECHNICIAN, technicians.save, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/setup-link", technicians.give_link, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/disable", technicians.disable, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/enable", technicians.enable, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/second-factor/reset", technicians.reset_second_factor, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/{_SESSION}/end", technicians.end_session, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/{_TOKEN}/revoke", technicians.revoke_token, Permission.EDIT_TECHNICIANS),
    Page("POST", f"{_TECHNICIAN}/sessions/revoke", technicians.revoke_sessions, Permission.EDIT_TECHNICIANS),
    Page("GET", "/livez", health.livez, Entrance.EVERYBODY),
    Page("GET", "/readyz", health.readyz, Entrance.EVERYBODY),
    Page("GET", "/metrics", health.metrics, Entrance.EVERYBODY),
    Page("GET", "/health", health.show, Permission.SEE_DELIVERIES),
    Page("GET", "/deliveries", deliveries.show, Permission.SEE_DELIVERIES),
    Page("POST", "/deliveries/held/release", deliveries.release_all, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/held/discard", deliveries.discard_all, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/retry", deliveries.retry, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/release", deliveries.release, Permission.RETRY_DELIVERY),
    Page("POST", "/deliveries/{delivery:number}/discard", deliveries.discard, Permission.RETRY_DELIVERY),
    Page("POST", f"/deliveries/{_UPDATE}/reprocess", deliveries.reprocess, Permission.RETRY_DELIVERY),
    Page("POST", f"/deliveries/{_UPDATE}/discard", deliveries.discard_update, Permission.RETRY_DELIVERY),
    Page("GET", "/deliveries/{form:path}", deliveries.back, Permission.SEE_DELIVERIES),
)


def route(page: Page, panel: Panel) -> Route:
    """The page behind its checks. Raises ValueError for one that does not say who may ask for it."""
    if page.needs is None:
        raise ValueError(f"{page.method} {page.path} does not say who may ask for it")
    endpoint = _open(page, panel) if page.needs is Entrance.EVERYBODY else _guarded(page, panel, page.needs)
    return Route(page.path, endpoint, methods=[page.method])


def _open(page: Page, panel: Panel) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        csrf.check_origin(request, panel)
        return await page.show(request, panel)  # type: ignore[arg-type]  # by `needs` it is an OpenPage

    return answer


def _guarded(page: Page, panel: Panel, needs: Permission | Entrance) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        csrf.check_origin(request, panel)
        try:
            visit = await _visit(request, panel, needs)
        except NobodyError:
            # halfway it may be the second click: what the first one brought stays
            again = RedirectResponse("/login", status_code=303) if needs is Entrance.HALFWAY else None
            return again or await _to_log_in(request, panel)
        auth.check(visit, needs)
        answer = await page.show(request, visit)  # type: ignore[arg-type]  # by `needs` it is a StaffPage
        return await auth.complete(answer, visit)

    return answer


async def _visit(request: Request, panel: Panel, needs: Permission | Entrance) -> Visit:
    """Raises NobodyError. Who is halfway in has pages of their own, and no other."""
    if needs is not Entrance.HALFWAY:
        return await auth.visit_of(request, panel)
    if (visit := await auth.halfway_visit(request, panel)) is None:
        raise NobodyError
    return visit


async def _to_log_in(request: Request, panel: Panel) -> Response:
    """A page is asked for again after the log-in; what a form brought is shown, so that it is not lost."""
    if request.method in csrf.SAFE_METHODS:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if (halfway := await auth.halfway_visit(request, panel)) is not None:
            has_one = halfway.technician.totp_secret is not None
            return RedirectResponse(second_factor.door(here, has_factor=has_one), status_code=303)
        address = "/login" if here == "/" else f"/login?next={quote(here, safe='')}"
        return auth.forget_session(RedirectResponse(address, status_code=303), panel)
    return await login.session_over(request, panel)
