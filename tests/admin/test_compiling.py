"""A template in one piece says what it says in pieces."""

import pytest
from jinja2 import DictLoader, Environment

from admin.compiling import in_one_piece, macros_of

PARTS = {
    "_parts.html": """
{%- macro field(name, problems, hint="", rows=none) -%}
<p{% if rows %} rows="{{ rows }}"{% elif hint %} title="{{ hint }}"{% endif %}>{{ label(name) }}
{%- if hint %} <i>{{ hint }}</i>{% endif %}{% for name in problems[name] %} <b>{{ name }}</b>{% endfor %}</p>
{%- endmacro -%}
{%- macro label(words) %}{{ words }}:{% endmacro -%}
""",
    "_part.html": "{{ parts.field(name, problems) }}{% set name = 7 %}",
}
PAGES = (
    '{{ parts.field("cause", problems) }}',
    '{{ parts.field("cause", problems, hint=t("why")) }} and {{ parts.field("cause", problems, rows=count) }}',
    "{% for name in problems %}{{ parts.field(name, problems, rows=2) }}{% endfor %}",
    '{% set words = "kept" %}{{ parts.label(words) }}{% include "_part.html" %}{{ words }} {{ name }}',
    "{% macro own(problems) %}{{ parts.label(problems) }}{{ problems }}{% endmacro %}{{ own(name) }}{{ problems }}",
    '{% set said = parts.label("<a>") %}{{ said }}{{ parts.label(name) ~ "!" }}{{ parts.label("<a>") }}',
    '{% if "" %}never{% elif name %}{% if true %}always{% else %}never{% endif %}{% else %}empty{% endif %}',
    '{% if name == "x" %}x{% elif false %}never{% elif none is none %}rest{% endif %}',
)


class InOnePiece(Environment):
    macros: dict = {}  # noqa: RUF012 - of the test's own environment

    def compile(self, source, *arguments, **options):
        tree = self.parse(source, *arguments[:2]) if isinstance(source, str) else source
        return super().compile(in_one_piece(self, tree, {"t": str.upper}, self.macros), *arguments, **options)


@pytest.mark.parametrize("page", PAGES)
def test_it_reads_the_same(page: str):
    loader = DictLoader(PARTS | {"page.html": page})
    values = {"name": "cause", "problems": {"cause": ["short", "<rude>"]}, "count": 3}
    read = []
    for kind in (Environment, InOnePiece):
        templates = kind(loader=loader, autoescape=True)
        templates.globals |= {"t": str.upper, "parts": templates.get_template("_parts.html").module}
        if isinstance(templates, InOnePiece):
            templates.macros = macros_of(templates, "_parts.html", "parts.")
        read.append(templates.get_template("page.html").render(values))
    assert read[0] == read[1]


@pytest.mark.parametrize("call", ["parts.label()", "parts.label(1, 2)", 'parts.label(wrods="x")'])
def test_a_call_that_does_not_fit_is_told_when_the_page_is_compiled(call: str):
    templates = InOnePiece(loader=DictLoader(PARTS | {"page.html": "{{ " + call + " }}"}))
    templates.macros = macros_of(templates, "_parts.html", "parts.")
    with pytest.raises((KeyError, TypeError)):
        templates.get_template("page.html")
