"""The report as the customer opens it: everything is there, nothing a text says is obeyed."""

import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from core.i18n import Translator
from core.render.report import (
    DeskCard,
    ReportSnapshot,
    Speaker,
    TimelineEntry,
    from_json,
    snapshot_sha256,
    to_json,
)
from core.render.report_pdf import draw
from tests.render.snapshots import MORNING, a_closing, words_of

t = Translator()
NOTHING: dict[str, Any] = {
    "desk": DeskCard(""),
    "subject": "",
    "company": "",
    "ruc": "",
    "service": "",
    "product": "",
    "opened_by": "",
    "technicians": (),
    "description": "",
    "timeline": (),
    "calls": (),
    "files": (),
    "cause": "",
    "solution": "",
    "closure": "",
    "purchased_before": None,
    "purchased_after": None,
}


def has_font_for(letter: str) -> bool:
    if shutil.which("fc-list") is None:
        return False
    wanted = ["fc-list", f":charset={ord(letter):x}"]
    return bool(subprocess.run(wanted, capture_output=True, check=True).stdout)


HOSTILE: Mapping[str, dict[str, Any]] = {
    "8000 letters without a space": {"description": "x" * 8000},
    "8000 line breaks": {"description": "\n" * 8000},
    "emoji": {"description": "😀👍🏽🏴󠁧󠁢󠁥󠁮󠁧󠁿👨‍👩‍👧‍👦🇪🇨❤️" * 50},
    "right to left": {"description": "مرحبا بكم שלום " * 30, "subject": "\u202eexe.pdf"},
    "scripts without a font": {"description": "ภาษาไทย 한국어 日本語 \U0001cd00"},
    "controls and half pairs": {"cause": "a\x00\x07\ufffe\ud83d\U0001ffff\u2028b\x1b[0m"},
    "heaped marks": {"cause": "Z" + "\u0301\u0489" * 2000},
    "joiners alone": {"solution": "\u200d" * 4000},
    "nothing at all": NOTHING,
    "long everything": {
        "desk": DeskCard("D" * 200, "a" * 100 + "@x.example", "1" * 60, "https://" + "u" * 200),
        "subject": "S" * 200,
        "company": "C" * 200,
        "opened_by": "é" * 300,
        "technicians": ("t" * 200,) * 5,
        "closure": "z" * 100,
    },
}


def drawn(snapshot: ReportSnapshot, **options: Any) -> bytes:
    return draw(snapshot, sha256=snapshot_sha256(to_json(snapshot)), t=t, **options)


def test_the_report_says_everything_the_closing_knows() -> None:
    snapshot = a_closing()
    words = words_of(drawn(snapshot))
    for said in (
        "SACI Soporte",
        "soporte@saci.example",
        "#1042",
        "No imprime facturas en la caja 2",
        "Cerrado y facturado",
        "Comercial Ñandú & Hijos Cía. Ltda.",
        "0190123456001",
        "SACI Facturación Electrónica",
        "12/03/2026 09:05",
        "12/03/2026 12:05",
        "Ada Peñafiel",
        "Tomás Ibarra, Lucía Quishpe",
        "Desde ayer no se imprimen las facturas",
        "Por favor envíe una captura.",
        "+593 99 123 4567 Ocupado",
        "captura 3150.png (348 KB)",
        "El formato fue borrado al actualizar.",
        "Se restauró el formato FAC-02.",
        "4 min",
        "15 min",
        snapshot_sha256(to_json(snapshot)),
    ):
        assert said in words, said


def test_a_second_closing_is_named_as_one() -> None:
    assert t("Closing no. %(n)s", n=2) in words_of(drawn(a_closing(closure_number=2)))
    assert t("Closing no. %(n)s", n=1) not in words_of(drawn(a_closing()))


def test_every_page_is_numbered() -> None:
    long = a_closing(description="palabra " * 1000)
    pages = PdfReader(io.BytesIO(drawn(long))).pages
    assert len(pages) > 1
    for n, page in enumerate(pages, 1):
        assert t("Page %(page)s of %(pages)s", page=n, pages=len(pages)) in page.extract_text()


@pytest.mark.parametrize(
    "text",
    ['#read("/etc/passwd")', "*b* _i_ $x^2$ `c` @ref <l> // no /* no */", '#import "@preview/a:1.0.0"', "\\u{41}"],
)
def test_markup_in_a_text_is_shown_and_not_obeyed(text: str) -> None:
    words = words_of(drawn(a_closing(description=text, subject=text, cause=text)))
    assert words.count(text) == 3
    assert "root:" not in words


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_people_write_there_is_a_report(changes: dict[str, Any]) -> None:
    words = words_of(drawn(a_closing(**changes)))
    assert "#1042" in words
    assert "15 min" in words


@pytest.mark.parametrize("words", ["مرحبا", "שלום", "Ñandú", "Житомир"])
def test_what_people_write_in_other_letters_can_still_be_read(words: str) -> None:
    assert words in words_of(drawn(a_closing(description=f"a {words} b")))


@pytest.mark.parametrize("emoji", ["😀", "👍", "❤"])
def test_an_emoji_is_no_box_where_the_machine_has_the_font(emoji: str) -> None:
    if not has_font_for(emoji):
        pytest.skip("this machine has no font with this emoji")
    assert emoji in words_of(drawn(a_closing(description=f"a {emoji} b")))


def test_a_long_text_is_whole() -> None:
    entry = TimelineEntry(MORNING, "Ada", "x" * 8000, Speaker.CUSTOMER)
    letters = words_of(drawn(a_closing(timeline=(entry,)))).count("x")
    assert letters >= 8000


def test_reduced_keeps_what_spanish_needs_and_boxes_the_rest() -> None:
    words = words_of(drawn(a_closing(cause="¿Año «2026» – 5 €? 😀 漢"), reduced=True))
    assert "¿Año «2026» – 5 €? □ □" in words


def test_it_is_tagged_in_its_language_and_carries_its_fonts() -> None:
    reader = PdfReader(io.BytesIO(drawn(a_closing())))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "es"
    assert catalog["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in catalog["/Metadata"].get_data()
    assert reader.metadata is not None
    assert "#1042" in (reader.metadata.title or "")
    for font in _fonts(reader):
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & font.keys()


def test_the_same_closing_is_drawn_to_the_same_bytes() -> None:
    assert drawn(a_closing()) == drawn(a_closing())


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils draws the pages")
@pytest.mark.parametrize("name", ["8000 letters without a space", "long everything", "right to left"])
def test_nothing_runs_off_the_page(name: str, tmp_path: Path) -> None:
    for page in _pictures(drawn(a_closing(**HOSTILE[name])), tmp_path):
        margin = len(page[0]) * 16 // 210  # 16 mm of the 22 mm of margin
        ink = [row for row in page if min(row[:margin]) < 250 or min(row[-margin:]) < 250]
        assert not ink
        assert min(min(row) for row in page) < 128


def _fonts(reader: PdfReader) -> list[Any]:
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            found.append(inner["/FontDescriptor"].get_object())
    assert found
    return found


def _pictures(pdf: bytes, folder: Path) -> list[list[bytes]]:
    """The pages as rows of grey bytes, 0 black to 255 white."""
    subprocess.run(["pdftoppm", "-gray", "-r", "50", "-", folder / "page"], input=pdf, check=True)
    pages = []
    for file in sorted(folder.glob("page*.pgm")):
        raw = file.read_bytes()
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
        assert head
        width, pixels = int(head[1]), raw[head.end() :]
        pages.append([pixels[start : start + width] for start in range(0, len(pixels), width)])
    return pages


def test_the_picture_on_it_leads_a_customers_phone_to_the_ticket() -> None:
    link = "https://t.me/saci_bot?start=t1042"
    assert _links(drawn(a_closing(link=link))) == {link}
    assert t("Open the ticket in Telegram") in words_of(drawn(a_closing(link=link)))
    assert _links(drawn(a_closing())) == set()


def test_a_snapshot_of_earlier_days_is_drawn_as_ever() -> None:
    stored = to_json(a_closing())
    later = {"bagged_minutes", "is_overdraft", "carried_minutes", "link"}
    old = {name: value for name, value in stored.items() if name not in later}
    pdf = draw(from_json(old), sha256=snapshot_sha256(old), t=t)
    assert pdf == draw(a_closing(), sha256=snapshot_sha256(old), t=t)
    assert snapshot_sha256(old) in words_of(pdf)


def _links(pdf: bytes) -> set[str]:
    notes = [note.get_object() for page in PdfReader(io.BytesIO(pdf)).pages for note in page.get("/Annots", [])]
    return {note["/A"]["/URI"] for note in notes}
