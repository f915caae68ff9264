"""The mails of the desk: a subject, a plain text and an HTML that says the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.i18n import Translator
from core.render import alarms
from core.render.office import LOGO_TYPE, Logo, Office
from core.render.report import ReportedCall, ReportSnapshot, effects, exact_minutes, file_name

_SUBJECT_LIMIT = 200
LOGO_ID = "logo@ventanilla"  # how the HTML names the picture that comes along
_LOGO_SHOWN = (240, 48)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Email:
    """What a mail says; ``subject`` is one line, ``logo`` the picture its HTML shows."""

    subject: str
    text: str
    html: str
    reply_to: str = ""
    logo: Logo | None = None

    def payload(self, to: str, *, attachments: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """As the channel for mail takes it."""
        payload: dict[str, Any] = {"to": [to], "subject": self.subject, "text": self.text, "html": self.html}
        if self.reply_to:
            payload["reply_to"] = self.reply_to
        if self.logo:
            file = {"sha256": self.logo.sha256, "name": "logo.png", "media_type": LOGO_TYPE}
            payload["inline"] = [{**file, "id": LOGO_ID}]
        return payload | ({"attachments": list(attachments)} if attachments else {})


def render_closing(snapshot: ReportSnapshot, *, t: Translator, farewell: str = "", logo: Logo | None = None) -> Email:
    """The mail that brings the report of a closing, attached under ``report.file_name``."""
    return _render(
        "closing_mail",
        t,
        report=snapshot,
        desk_name=snapshot.desk.name,
        facts=list(_facts(snapshot, t)),
        effects=effects(snapshot, t),
        calls=[_call(call, t) for call in snapshot.calls],
        contact=snapshot.desk.contact,
        reply_to=snapshot.desk.email,
        logo=logo,
        file_name=file_name(snapshot),
        farewell=farewell,
    )


def render_push(*, number: int, subject: str, words: str, left_out: Sequence[str], office: Office) -> Email:
    """The mail that says what a push to a chat said; ``left_out`` names files too large to come along."""
    return _render(
        "push_mail",
        office.t,
        number=number,
        about=subject,
        words=words,
        left_out=left_out,
        desk_name=office.name,
        office=office,
        contact=office.contact,
        reply_to=office.email,
        logo=office.logo,
    )


def render_code(code: str, *, company: str, name: str, office: Office, language: str | None) -> Email:
    """The mail that brings six digits to the company's address, in the language of who asked for them."""
    return _render(
        "code_mail",
        office.translators[language],
        code=code,
        company=company,
        name=name,
        desk_name=office.name,
        office=office,
        contact=office.contact,
        reply_to=office.email,
        logo=office.logo,
    )


def render_hours(
    company: str, lines: Sequence[str], *, office: Office, is_desk: bool = False, page: str = ""
) -> Email:
    """The mail about purchased hours: to the company, or to the desk with the company's page."""
    return _render(
        "hours_mail",
        office.t,
        company=company,
        lines=lines,
        is_desk=is_desk,
        address=f"{office.panel_url}{page}" if page and office.panel_url else "",
        desk_name=office.name,
        contact=office.contact,
        reply_to=office.email,
        logo=office.logo,
    )


def render_alarm(alarm: alarms.Raised, *, office: Office, address: str, is_over: bool) -> Email:
    """The mail to the staff when an alarm begins or ends; ``address`` is the page where it is dealt with."""
    t = office.t
    return _render(
        "alarm_mail",
        t,
        level=t(alarms.LEVEL_WORDS[alarm.level]),
        wrong=alarms.wrong(alarm, t),
        to_do=alarms.to_do(alarm, t),
        office=office,
        address=address,
        is_over=is_over,
        reply_to=office.email,
    )


def _render(message: str, t: Translator, *, reply_to: str = "", logo: Logo | None = None, **values: object) -> Email:
    values |= {"logo": logo and (f"cid:{LOGO_ID}", *logo.within(*_LOGO_SHOWN))}
    subject = _one_line(_templates.get_template(f"{message}/subject.txt").render(t=t, **values))
    text = _templates.get_template(f"{message}/body.txt").render(t=t, subject=subject, **values)
    html = _templates.get_template(f"{message}/body.html").render(t=t, subject=subject, **values)
    return Email(subject, text.strip() + "\n", html.strip() + "\n", reply_to, logo)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SUBJECT_LIMIT else line[: _SUBJECT_LIMIT - 1].rstrip() + "…"


def _facts(snapshot: ReportSnapshot, t: Translator) -> Iterator[tuple[str, str]]:
    yield t("Company"), f"{snapshot.company} ({snapshot.ruc})"
    yield t("Closed on"), t.moment(snapshot.closed_at)
    # what was not charged has one number only
    charged, real = snapshot.charged_minutes, snapshot.real_minutes
    if charged:
        yield t("Charged minutes"), exact_minutes(charged, t)
    if real != charged or not charged:
        yield t("Actual minutes"), exact_minutes(real, t)
    if snapshot.carried_minutes:
        yield t("Minutes from before the reopening"), exact_minutes(snapshot.carried_minutes, t)


def _call(call: ReportedCall, t: Translator) -> str:
    return " · ".join(part for part in (t.moment(call.at), call.phone, call.outcome) if part)
