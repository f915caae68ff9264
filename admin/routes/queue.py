"""The queue, what is done to many of its tickets at once, and the stream that keeps pages fresh."""

from collections.abc import Sequence

from admin.pages import bulk, live, queue, views
from admin.routes.page import Page
from core.rules.permissions import Permission

PAGES: Sequence[Page] = (
    Page("GET", "/", queue.show, Permission.SEE_TICKETS, keeps_session=True),
    Page("POST", "/bulk/take", bulk.take, Permission.TAKE),
    Page("POST", "/bulk/assign", bulk.assign, Permission.ASSIGN),
    Page("POST", "/bulk/pending", bulk.set_pending, Permission.SET_PENDING),
    Page("GET", "/bulk/{form:path}", queue.back, Permission.SEE_TICKETS),
    Page("POST", "/views/keep", views.keep, Permission.SEE_TICKETS),
    Page("POST", "/views/{id:number}/rename", views.rename, Permission.SEE_TICKETS),
    Page("POST", "/views/{id:number}/delete", views.remove, Permission.SEE_TICKETS),
    Page("GET", "/views/{form:path}", queue.back, Permission.SEE_TICKETS),
    Page("GET", "/live", live.stream, Permission.SEE_TICKETS),
)
