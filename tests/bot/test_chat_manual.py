"""docs/chat.md says what the tables of the code say."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from bot import dispatch
from core.i18n import LOCALES
from core.render.buttons import Tap
from core.render.words import NOTICE_WORDS
from core.rules.notices import GRID, Relation

MANUAL = (Path(__file__).parents[2] / "docs/chat.md").read_text()
LOUDNESS = {"rings": "rings", "silent": "silent", "not_told": "–"}


def test_every_command_stands_in_the_manual_and_no_other():
    section = MANUAL.partition("## Commands")[2].partition("##")[0]
    assert set(re.findall(r"`(/\w+)`", section)) == set(dispatch.COMMANDS)


def test_every_button_stands_in_the_manual_and_no_other():
    section = MANUAL.partition("## Buttons")[2].partition("##")[0]
    assert set(re.findall(r"`(\w+)`", section)) == {tap.value for tap in Tap}


def test_every_button_is_called_as_the_phone_shows_it():
    section = MANUAL.partition("## Buttons")[2].partition("##")[0].partition("|---|---|---|\n")[2]
    with (LOCALES / "es/LC_MESSAGES/ventanilla.po").open("rb") as file:
        words = [message.string for message in read_po(file) if isinstance(message.string, str)]
    shown = [re.sub(r"%\(\w+\)s", "…", text) for text in words if text]
    labels = [
        label
        for row in section.strip().splitlines()
        for label in re.split(r", (?=[^a-z])", row.split("|")[1].strip())
    ]
    named = [label for label in labels if label[0].isupper()]
    assert len(named) > len(Tap) / 2
    assert not [
        label for label in named if not any(f"{label} ".startswith((f"{text} ", f"{text},")) for text in shown)
    ]


def test_the_manual_says_how_loud_everything_is():
    for notice in NOTICE_WORDS:
        row = next(line for line in MANUAL.splitlines() if f"(`{notice.value}`)" in line)
        opener, follower = (LOUDNESS[GRID[notice][who]] for who in (Relation.OPENER, Relation.FOLLOWER))
        # who opens a ticket is its author
        wanted = "–" if notice.value == "ticket_opened" else opener
        assert row.split(" | ")[1:3] == [wanted, follower], row
