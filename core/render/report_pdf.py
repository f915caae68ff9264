"""Draws a technical report on the desk's paper."""

import io
from collections.abc import Iterator
from typing import Any

import segno

from core.i18n import Translator
from core.render.report import ReportSnapshot, Speaker, TimelineEntry, effects, exact_minutes
from core.render.typesetting import TypesettingError, picture, typeset


def draw(
    snapshot: ReportSnapshot, *, sha256: str, t: Translator, logo: bytes | None = None, reduced: bool = False
) -> bytes:
    """The PDF of a report; ``sha256`` is its snapshot's hash, ``logo`` the PNG it names. Raises TypesettingError."""
    page = _page(snapshot, sha256, t) | {"logo": picture(logo)}
    return typeset("report/report.typ", page, at=snapshot.closed_at, reduced=reduced)


def draw_draft(snapshot: ReportSnapshot, *, t: Translator, logo: bytes | None = None) -> bytes:
    """The report of a ticket that is not closed yet; it says so, and has no fingerprint. Raises TypesettingError."""
    page = _page(snapshot, "", t) | {
        "logo": picture(logo),
        "title": t("Draft of the technical report"),
        "hash": t("A draft: nothing has been closed, charged or sent."),
    }
    try:
        return typeset("report/report.typ", page, at=snapshot.closed_at)
    except TypesettingError:
        return typeset("report/report.typ", page, at=snapshot.closed_at, reduced=True)


def _page(snapshot: ReportSnapshot, sha256: str, t: Translator) -> dict[str, Any]:
    """What the template lays out: labels in the reader's language beside the values."""
    desk = snapshot.desk
    return {
        "lang": t.language,
        "title": t("Technical report"),
        "number": f"#{snapshot.number}",
        "closing": t("Closing no. %(n)s", n=snapshot.closure_number) if snapshot.closure_number > 1 else "",
        "desk": desk.name,
        "contact": desk.contact,
        "subject": snapshot.subject,
        "closure": snapshot.closure,
        "link": _link(snapshot.link, t),
        "facts": [[label, value or "–"] for label, value in _facts(snapshot, t)],
        "texts": [[label, value.strip() or "–"] for label, value in _texts(snapshot, t)],
        "time_title": t("Time and effect on the accounts"),
        "time": [[label, exact_minutes(minutes, t)] for label, minutes in _time(snapshot, t)],
        "effects": effects(snapshot, t),
        "calls": _calls(snapshot, t),
        "timeline_title": t("Timeline"),
        "timeline": [_line(entry, snapshot, t) for entry in snapshot.timeline],
        "files_title": t("Files"),
        "files": [
            f"{file.name} ({t.size(file.size)})" if file.size is not None else file.name for file in snapshot.files
        ],
        "hash": t("Fingerprint (SHA-256) of the data of this report: %(hash)s", hash=sha256),
        "page": t("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _time(snapshot: ReportSnapshot, t: Translator) -> Iterator[tuple[str, int]]:
    yield t("Actual minutes"), snapshot.real_minutes
    if snapshot.carried_minutes:
        yield t("Minutes from before the reopening"), snapshot.carried_minutes
    yield t("Charged minutes"), snapshot.charged_minutes


def _link(address: str, t: Translator) -> dict[str, Any] | None:
    """The ticket as a QR code; None without a link. As bytes: texts get signs where they break."""
    if not address:
        return None
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawing, kind="svg", border=0, omitsize=True)
    return {
        "address": list(address.encode()),
        "picture": list(drawing.getvalue()),
        "words": t("Open the ticket in Telegram"),
    }


def _facts(snapshot: ReportSnapshot, t: Translator) -> Iterator[tuple[str, str]]:
    yield t("Company"), snapshot.company
    yield t("RUC"), snapshot.ruc
    yield t("Service"), snapshot.service
    yield t("Product"), snapshot.product
    yield t("Opened on"), t.moment(snapshot.opened_at)
    yield t("Closed on"), t.moment(snapshot.closed_at)
    yield t("Opened by"), snapshot.opened_by
    technicians = snapshot.technicians
    yield t("Technicians") if len(technicians) > 1 else t("Technician"), ", ".join(technicians)


def _texts(snapshot: ReportSnapshot, t: Translator) -> Iterator[tuple[str, str]]:
    yield t("Description"), snapshot.description
    yield t("Cause"), snapshot.cause
    yield t("Solution"), snapshot.solution


def _calls(snapshot: ReportSnapshot, t: Translator) -> dict[str, Any]:
    return {
        "title": t("Calls"),
        "head": [t("Date"), t("Phone"), t("Outcome"), t("Technician")],
        "rows": [
            [t.moment(call.at), call.phone or "–", call.outcome or "–", call.technician or "–"]
            for call in snapshot.calls
        ],
    }


def _line(entry: TimelineEntry, snapshot: ReportSnapshot, t: Translator) -> dict[str, Any]:
    is_event = entry.speaker is Speaker.EVENT
    # the first message is the description: printed once
    is_description = not is_event and len(entry.what) > 80 and entry.what == snapshot.description
    return {
        "at": t.moment(entry.at),
        "who": entry.who,
        "what": t("See the description above.") if is_description else entry.what.strip(),
        "is_event": is_event,
        "is_desk": entry.speaker is Speaker.DESK,
    }
