"""Both databases find the same tickets, whatever was written and whatever is asked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.clock import now
from core.db import Database
from core.queries import search
from core.rules import asking
from core.rules.words import tokens, with_notes
from tests import databases
from tests.search import corpus
from tests.search.corpus import FIRST, numbers

TICKETS = 5
OUTSIDE = replace(search.STAFF, sees_notes=False)

_WORDS = (
    "factura facturación facturas FACTURAR impresión impresora ñandú pingüino Año anos 001-001-000123 a@b.ec 12,50"
)
_SIGNS = st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")
_text = st.lists(st.sampled_from(_WORDS.split()) | st.text(_SIGNS, max_size=6), max_size=5).map(" ".join)
_word = st.sampled_from(_WORDS.split()).flatmap(lambda word: st.integers(1, len(word)).map(lambda end: word[:end]))
_operator = st.sampled_from(['"', "*", "AND", "OR NOT", "NEAR(a b)", "words:", "'", "\\", "!|&()", ":*", "_c1", "-a"])
_question = st.lists(_word | _operator | st.text(max_size=4), min_size=1, max_size=3).map(" ".join)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[list[Database]]:
    urls = [await databases.fresh_url(backend, tmp_path) for backend in databases.BACKENDS]
    both = [Database(url) for url in urls]
    for database in both:
        await corpus.settle(database, TICKETS)
    yield both
    for database, url in zip(both, urls, strict=True):
        await database.close()
        await databases.drop(url)


def by_hand(question: str, said: list[set[str]], *, sees_notes: bool) -> list[int]:
    """The same answer without any index: every term is in the ticket's words."""
    asked = asking.read(question, now=now())
    wanted = [with_notes(term) if sees_notes else term for term in asked.terms]
    if not asked.is_readable:
        return []
    found = [
        FIRST + index
        for index, words in enumerate(said)
        if all(any(mark.is_in(words) for mark in term) for term in wanted)
    ]
    return found[::-1]


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(_text, min_size=TICKETS, max_size=TICKETS),
    notes=st.lists(_text, min_size=TICKETS, max_size=TICKETS),
    questions=st.lists(_question, min_size=1, max_size=6),
)
@example(texts=["Facturación"] * TICKETS, notes=["secreto"] * TICKETS, questions=["facturas", "secreto", "_n"])
async def test_any_question_has_one_answer(both: list[Database], texts, notes, questions):
    for database in both:
        await corpus.say(database, texts, notes)
    usual = set(tokens("Asunto SaciJava"))
    public = [usual | {f"_t{FIRST + index}"} | set(tokens(text)) for index, text in enumerate(texts)]
    company = {f"_n{token}" for token in tokens("Ferretería Ñandú 0992345678001")}
    inside = [
        words | company | {f"_n{token}" for token in tokens(note)} for words, note in zip(public, notes, strict=True)
    ]
    for question in questions:
        staff = by_hand(question, inside, sees_notes=True)
        outside = by_hand(question, public, sees_notes=False)
        for database in both:
            assert await numbers(database, question, search.STAFF) == staff, question
            assert await numbers(database, question, OUTSIDE) == outside, question
