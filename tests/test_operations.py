"""The operator's handbook keeps up with the code: every alarm, every figure, and no setting that is none."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from admin.metrics import exposition
from bot.roles import Role
from core.queries.figures import Figures
from core.rules.alarms import AlarmKind, Facts
from core.settings import variable_names

ROOT = Path(__file__).parent.parent
HANDBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OTHER_NAMES = {"FORWARDED_ALLOW_IPS"}  # uvicorn's own


def test_every_alarm_has_its_section_and_no_other_has():
    sections = re.findall(r"^### `(\w+)`$", HANDBOOK, re.MULTILINE)
    assert sorted(sections) == sorted(AlarmKind)


def test_every_figure_is_explained():
    moment = datetime(2026, 5, 4, tzinfo=UTC)
    nothing = Figures({}, {}, {}, 0, 0, {}, {})
    text = exposition(Facts(started_at=moment, disk_free=1), nothing, moment).decode()
    ours = {family.name for family in text_string_to_metric_families(text) if family.name.startswith("ventanilla_")}
    assert len(ours) >= 8
    assert [name for name in ours if name not in HANDBOOK] == []


def test_every_setting_it_names_exists():
    text = HANDBOOK + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "deploy").iterdir())
    named = {name.removesuffix("_FILE") for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text)}
    assert named - set(variable_names()) - OTHER_NAMES == {"AF_INET", "AF_UNIX"}


def test_every_link_inside_leads_somewhere():
    headings = re.findall(r"^#+ (.+)$", HANDBOOK, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", HANDBOOK)) <= anchors
    for path in re.findall(r"\]\((\.\./[^)]+)\)", HANDBOOK):
        assert (ROOT / "docs" / path).exists(), path


@pytest.mark.parametrize("unit", ["ventanilla.service", "ventanilla@.service"])
def test_the_services_start_what_there_is(unit: str):
    text = (ROOT / "deploy" / unit).read_text(encoding="utf-8")
    started = re.findall(r"^Exec\w+=/opt/ventanilla/\.venv/bin/python -m (.+)$", text, re.MULTILINE)
    assert started == ["core migrate", "bot %i" if "@" in unit else "bot"]
    for role in re.findall(r"ventanilla@(\w+)", text + HANDBOOK):
        assert role in set(Role)
