"""What people type when they look for a ticket, and what is understood."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.rules import asking, words
from core.rules.asking import OPEN, Asked
from core.rules.states import CLOSED, State

TUESDAY = datetime(2026, 11, 24, 22, 30, tzinfo=ZoneInfo("America/Guayaquil"))


def read(text: str) -> Asked:
    return asking.read(text, now=TUESDAY)


def said(asked: Asked) -> list[str]:
    """The words that must be there, as beginnings."""
    return [mark.token for term in asked.terms for mark in term if mark.is_beginning]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1042", 1042),
        ("#1042", 1042),
        ("el ticket 1042", 1042),
        ("1042 impresora", None),
        ("0992345678001", None),
        ("²", None),
    ],
)
def test_a_number_is_a_ticket(text, number):
    assert read(text).number == number


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("hoy", (2026, 11, 24), (2026, 11, 24)),
        ("Ayer", (2026, 11, 23), (2026, 11, 23)),
        ("esta semana", (2026, 11, 23), (2026, 11, 29)),
        ("la semana pasada", (2026, 11, 16), (2026, 11, 22)),
        ("este mes", (2026, 11, 1), (2026, 11, 30)),
        ("Mes Pasado", (2026, 10, 1), (2026, 10, 31)),
        ("este año", (2026, 1, 1), (2026, 12, 31)),
        ("12/10/2026", (2026, 10, 12), (2026, 10, 12)),
        ("12-10-26", (2026, 10, 12), (2026, 10, 12)),
        ("2026-10-12", (2026, 10, 12), (2026, 10, 12)),
        ("12/10", (2026, 10, 12), (2026, 10, 12)),
        ("12/12", (2025, 12, 12), (2025, 12, 12)),
        ("29/02", (2024, 2, 29), (2024, 2, 29)),
        ("el 12 de octubre", (2026, 10, 12), (2026, 10, 12)),
        ("octubre de 2025", (2025, 10, 1), (2025, 10, 31)),
        ("en diciembre", (2025, 12, 1), (2025, 12, 31)),
        ("last month", (2026, 10, 1), (2026, 10, 31)),
        ("desde 01/10/2026 hasta 15/10/2026", (2026, 10, 1), (2026, 10, 15)),
        ("desde el 1 de octubre hasta el 15 de octubre", (2026, 10, 1), (2026, 10, 15)),
        ("entre ayer y hoy", (2026, 11, 23), (2026, 11, 24)),
        ("desde el 15/10/2026", (2026, 10, 15), None),
        ("hasta septiembre", None, (2026, 9, 30)),
    ],
)
def test_days_as_people_write_them(text, first, last):
    asked = read(text + " impresora")
    assert asked.opened is not None
    assert asked.opened.first == (date(*first) if first else None)
    assert asked.opened.last == (date(*last) if last else None)
    assert said(asked) == ["impresora"]


@pytest.mark.parametrize(
    ("text", "states", "left"),
    [
        ("abiertos", OPEN, []),
        ("Abierto", OPEN, []),
        ("cerrados impresora", CLOSED, ["impresora"]),
        ("cerrado por garantía", {State.WARRANTY}, []),
        ("impresora por garantia", {State.WARRANTY}, ["impresora"]),
        ("sin éxito", {State.UNSUCCESSFUL}, []),
        ("por implementación", {State.IMPLEMENTATION}, []),
        ("facturado", {State.INVOICED}, []),
        ("pendientes nuevos", {State.PENDING, State.NEW}, []),
        ("usuario nuevo", None, ["usuario", "nuevo"]),
        ("no abre el programa", None, ["abre", "programa"]),
        ("de la", None, ["de", "la"]),
    ],
)
def test_states_and_words(text, states, left):
    asked = read(text)
    assert asked.states == states
    assert said(asked) == left


def test_a_month_alone_is_days_or_a_word():
    (october,) = read("ATS octubre").either
    assert october.days.first == date(2026, 10, 1)
    assert next(mark.token for mark in october.terms[0]) == "octubre"
    assert read("ATS octubre").opened is None


def test_signs_are_no_question():
    assert not read('"*" ( ) :').is_readable
    assert read("").is_readable
    assert read("31/02/2026").opened is None


def test_an_excerpt_shows_the_place_and_marks_it():
    text = "Buenos días. " * 20 + "La IMPRESIÓN de facturas sale en blanco." + " Gracias." * 20
    pieces = words.excerpt(text, read("impresion factura").terms, around=20)
    assert [piece.text for piece in pieces if piece.is_match] == ["IMPRESIÓN", "facturas"]
    assert "".join(piece.text for piece in pieces).startswith("… Buenos días. La IMPRESIÓN de facturas")
    assert pieces[-1].text.endswith(" …")
    assert words.excerpt(text, read("tornillo").terms, around=20) == ()
