"""The desk's settings, one page each, and the programs it tells."""

from collections.abc import Sequence

from admin.auth import Entrance
from admin.pages import (
    logo,
    settings_canned,
    settings_hours,
    settings_letterhead,
    settings_offer,
    settings_policy,
    settings_texts,
    webhooks,
)
from admin.routes.page import Page
from core.rules.permissions import Permission

_WEBHOOK = "/settings/webhooks/{id:number}"

PAGES: Sequence[Page] = (
    Page("GET", "/settings", settings_hours.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/hours", settings_hours.save_week, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/holidays", settings_hours.save_holidays, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/desk", settings_letterhead.show, Permission.SEE_SETTINGS),
    Page("POST", "/settings/desk", settings_letterhead.save, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/desk/logo", settings_letterhead.upload, Permission.EDIT_SETTINGS),
    Page("POST", "/settings/desk/logo/remove", settings_letterhead.remove, Permission.EDIT_SETTINGS),
    Page("GET", "/settings/desk/{form:path}", settings_letterhead.back, Permission.SEE_SETTINGS),
    Page("GET", "/logo/{sha256}.png", logo.show, Entrance.EVERYBODY),
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
)
