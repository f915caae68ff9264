"""The places where a test makes the desk die: each is there, each does what it is told, and none costs anything."""

import errno
import re
import signal
import subprocess
import sys
import timeit
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from bot.__main__ import main
from core.__main__ import check
from core.failpoints import NAMES, FailpointError, UnknownFailpointError, arm, failpoint, failpoint_async

ROOT = Path(__file__).parents[1]
PLACE = re.compile(r'failpoint(?:_async)?(?:\(|, )\s*"([^"]+)"')


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm("")


def test_each_place_of_the_table_is_passed_at_exactly_one_line_of_the_code():
    sources = [path.read_text() for folder in ("core", "bot", "admin") for path in (ROOT / folder).rglob("*.py")]
    found = Counter(name for source in sources for name in PLACE.findall(source))
    assert found == Counter(NAMES.keys()) + Counter(["ingest.after_commit"])  # by polling and by webhook


@pytest.mark.parametrize(
    "text", ["send.nowhere", "send.after_mark:0", "send.after_mark=explode", "send.after_mark=", "x,send.after_mark"]
)
def test_a_place_or_deed_that_does_not_exist_is_refused(text: str):
    with pytest.raises(UnknownFailpointError, match="FAILPOINT"):
        arm(text)


@pytest.mark.parametrize("command", [main, check], ids=["bot", "core"])
def test_the_commands_end_with_2_and_one_sentence_where_a_place_does_not_exist(
    command: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("FAILPOINT", "send.nowhere")
    with pytest.raises(typer.Exit) as ended:
        command()
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "FAILPOINT ('send.nowhere'): expected name[:n][=kill|raise|delay|enospc].\n"


async def test_a_place_acts_at_its_nth_passing_and_never_again():
    arm("send.after_mark:2=raise, lane.before_begin=enospc")
    await failpoint_async("send.after_mark")
    with pytest.raises(FailpointError, match=r"send\.after_mark"):
        await failpoint_async("send.after_mark")
    await failpoint_async("send.after_mark")
    failpoint("send.before_mark")
    with pytest.raises(OSError) as full:
        failpoint("lane.before_begin")
    assert full.value.errno == errno.ENOSPC


def test_death_is_that_of_kill_9():
    code = "from core.failpoints import arm, failpoint; arm('close.after_report'); failpoint('close.after_report')"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == -signal.SIGKILL


def test_a_place_costs_nothing_where_nothing_is_set():
    assert min(timeit.repeat(lambda: failpoint("send.after_mark"), number=10_000)) < 0.1
