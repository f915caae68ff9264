"""A ticket and everything that is done to it."""

from collections.abc import Sequence

from admin.pages import canned, closing, deeds, drafts, files, new_ticket, place, presence, ticket, timing, work
from admin.routes.page import Page
from core.rules.permissions import Permission

_TICKET = "/tickets/{number:number}"

PAGES: Sequence[Page] = (
    Page("GET", "/tickets/new", new_ticket.show, Permission.OPEN_TICKET),
    Page("POST", "/tickets/new", new_ticket.open_ticket, Permission.OPEN_TICKET),
    Page("POST", "/tickets/new/company", new_ticket.look_up, Permission.OPEN_TICKET),
    Page("GET", "/tickets/new/{form:path}", new_ticket.back, Permission.OPEN_TICKET),
    Page("GET", _TICKET, ticket.show, Permission.SEE_TICKETS, keeps_session=True),
    Page("GET", f"{_TICKET}/next", place.following, Permission.SEE_TICKETS),
    Page("GET", f"{_TICKET}/previous", place.previous, Permission.SEE_TICKETS),
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
    Page("POST", f"{_TICKET}/resume", work.resume, Permission.SET_PENDING),
    Page("POST", f"{_TICKET}/calls", work.log_call, Permission.LOG_CALL),
    Page("POST", f"{_TICKET}/time", work.log_time, Permission.LOG_TIME),
    Page("POST", f"{_TICKET}/closure", closing.close, Permission.CLOSE),
    Page("POST", f"{_TICKET}/closure/preview", closing.preview, Permission.CLOSE),
    Page("POST", f"{_TICKET}/closure/report", closing.draft_report, Permission.CLOSE),
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
)
