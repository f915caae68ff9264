"""docs/chat.md says what the tables of the code say."""

import re
from pathlib import Path

from bot import dispatch
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


def test_the_manual_says_how_loud_everything_is():
    for notice in NOTICE_WORDS:
        row = next(line for line in MANUAL.splitlines() if f"(`{notice.value}`)" in line)
        opener, follower = (LOUDNESS[GRID[notice][who]] for who in (Relation.OPENER, Relation.FOLLOWER))
        # who opens a ticket is its author
        wanted = "–" if notice.value == "ticket_opened" else opener
        assert row.split(" | ")[1:3] == [wanted, follower], row
