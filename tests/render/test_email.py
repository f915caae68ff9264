"""The mail of a closing, in both of its forms."""

from html.parser import HTMLParser

import pytest

from core.i18n import Translator
from core.render.email import Email, render_closing
from tests.render.snapshots import a_closing

t = Translator()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def forms(mail: Email) -> tuple[str, str]:
    return mail.text, " ".join(" ".join(read(mail.html).words).split())


def test_both_forms_say_what_the_customer_wants_to_know() -> None:
    for said in (
        "SACI Soporte",
        "#1042",
        "No imprime facturas en la caja 2",
        "Cerrado y facturado",
        "Comercial Ñandú & Hijos Cía. Ltda.",
        "El formato fue borrado al actualizar.",
        "Se restauró el formato FAC-02.",
        "Ocupado",
        "15 min",
        "informe-1042.pdf",
        "soporte@saci.example",
    ):
        for form in forms(render_closing(a_closing(), t=t)):
            assert said in form, said


def test_the_minutes_stand_on_one_line() -> None:
    lines = render_closing(a_closing(), t=t).text.splitlines()
    assert f"{t('Charged minutes')}: 15 min" in lines
    assert f"{t('Actual minutes')}: 4 min" in lines


def test_what_was_not_charged_has_its_actual_minutes_alone() -> None:
    warranty = a_closing(charged_minutes=0, real_minutes=20, bag_before=5, bag_after=5, technical_hours=0)
    text = render_closing(warranty, t=t).text
    assert "20 min" in text
    assert t("Charged minutes") not in text
    assert t("This closing does not affect your hours.") in text


def test_the_report_of_a_second_closing_has_a_name_of_its_own() -> None:
    assert "informe-1042-2.pdf" in render_closing(a_closing(closure_number=2), t=t).text


def test_a_closing_without_calls_has_no_list_of_them() -> None:
    for form in forms(render_closing(a_closing(calls=()), t=t)):
        assert t("Calls") not in form


def test_the_subject_is_one_line_with_number_and_closure() -> None:
    subject = render_closing(a_closing(subject="Uno\r\nBcc: eve@x.example\tdos " + "x" * 500), t=t).subject
    assert subject.startswith("#1042 Cerrado y facturado: Uno Bcc: eve@x.example dos")
    assert len(subject) <= 200
    assert subject.isprintable()


@pytest.mark.parametrize("field", ["subject", "cause", "solution", "company", "closure"])
def test_html_in_a_text_stays_text(field: str) -> None:
    mail = render_closing(a_closing(**{field: "<script>alert(1)</script><img src=x onerror=y>"}), t=t)
    reader = read(mail.html)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert "<script>alert(1)</script>" in mail.text + mail.subject
    assert "&lt;script&gt;" in mail.html


def test_the_lines_of_a_solution_stay_lines() -> None:
    mail = render_closing(a_closing(solution="uno\ndos"), t=t)
    assert "uno<br>dos" in mail.html
    assert "\nuno\ndos\n" in mail.text


def test_a_mail_loads_nothing_from_anywhere() -> None:
    html = render_closing(a_closing(), t=t).html
    assert "src=" not in html
    assert "url(" not in html
    assert len(html) < 100_000  # Gmail cuts at 102 KB
