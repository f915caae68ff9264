"""The mails of the desk: a subject, a plain text and an HTML that says the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.i18n import Translator
from core.render import alarms
from core.render.office import Office
from core.render.report import ReportedCall, ReportSnapshot, effects, exact_minutes, file_name

_SUBJECT_LIMIT = 200

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
    """What a mail says; ``subject`` is one line."""

    subject: str
    text: str
    html: str


def render_closing(snapshot: ReportSnapshot, *, t: Translator, farewell: str = "") -> Email:
    """The mail that brings the report of a closing, attached under ``report.file_name``."""
    return _render(
        "closing_mail",
        t,
        report=snapshot,
        desk_name=snapshot.desk.name,
        facts=list(_facts(snapshot, t)),
        effects=effects(snapshot, t),
        calls=[_call(call, t) for call in snapshot.calls],
        contact=[part for part in (snapshot.desk.email, snapshot.desk.phone, snapshot.desk.url) if part],
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
        contact=_contact(office),
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
        contact=_contact(office),
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
    )


def _render(message: str, t: Translator, **values: object) -> Email:
    subject = _one_line(_templates.get_template(f"{message}/subject.txt").render(t=t, **values))
    text = _templates.get_template(f"{message}/body.txt").render(t=t, subject=subject, **values)
    html = _templates.get_template(f"{message}/body.html").render(t=t, subject=subject, **values)
    return Email(subject, text.strip() + "\n", html.strip() + "\n")


def _contact(office: Office) -> list[str]:
    return [part for part in (office.email, office.phone, office.url) if part]


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


def _call(call: ReportedCall, t: Translator) -> str:
    return " · ".join(part for part in (t.moment(call.at), call.phone, call.outcome) if part)
