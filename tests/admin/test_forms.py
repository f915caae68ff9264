"""Forms: nothing written is lost when a session ended, no secret is shown, and they come from pages of the panel."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

import admin
from admin.pages.login import CHOSEN, HIDDEN, SECRET
from core.clock import now
from tests.admin.browser import PASSWORD


async def test_what_was_written_when_the_session_ended_is_shown(desk, log_in):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        await tom.opens(f"/tickets/{ticket.number}")
        clock.shift(timedelta(hours=1))
        await tom.sends("/reply", text="Una respuesta larga <b>")
    assert tom.status == 401
    assert "Una respuesta larga <b>" in tom.text
    assert tom.answer.text.count("<textarea") == 1, "what the form carried besides says nothing to anybody"
    assert len(await desk.articles(ticket)) == 1


@pytest.fixture
def templates() -> str:
    folder = Path(admin.__file__).parent / "templates"
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.html"))


def test_every_hidden_field_is_known_as_one(templates):
    hidden = set(re.findall(r'type="hidden" name="(\w+)"', templates))
    assert hidden - HIDDEN - SECRET == {"q", "username"}, "what a search and a log-in carry is for people to read"


def test_every_field_that_is_chosen_and_not_written_is_known_as_one(templates):
    ticked = re.findall(r'type="(?:radio|checkbox)"[^>]*? name="(\w+)"', templates)
    selected = re.findall(r'<select (?:[^>]*?name=|\{\{ fields\.described\(\w+(?:\.\w+)?, )"(\w+)"', templates)
    of_searches = {"month", "order", "owner", "step", "technician", "waiting", "who"}
    assert {"closure", "told", "role"} <= {*ticked, *selected}
    assert {*ticked, *selected} - of_searches - CHOSEN - HIDDEN == set()


async def test_no_secret_of_a_form_is_shown_when_the_session_ended(desk, log_in):
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        await tom.opens("/account")
        clock.shift(timedelta(hours=1))
        await tom.sends("/account/password", old=PASSWORD, password="otra frase larga", again="otra frase larga")
    assert tom.status == 401
    assert "frase larga" not in tom.text


# --- forms come from pages of the panel ------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "http://panel.test", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(tom, headers):
    csrf = tom.form("/logout").fields["csrf"]
    answer = await tom.client.post("/logout", data={"csrf": csrf}, headers=headers)
    assert answer.status_code == 403
    assert "no se envió desde una página de este panel" in answer.text
    await tom.opens("/")
    assert tom.answer.url.path == "/"


@pytest.mark.parametrize("headers", [{"Origin": "http://panel.test"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_a_form_from_here_is_taken(tom, headers):
    csrf = tom.form("/logout").fields["csrf"]
    answer = await tom.client.post("/logout", data={"csrf": csrf}, headers=headers)
    assert answer.headers["location"] == "/login"


async def test_a_form_without_the_token_of_the_session_is_refused(tom, log_in):
    eve = await log_in("eve")
    theirs = eve.form("/logout").fields["csrf"]
    for token in ("", "x", theirs):
        answer = await tom.client.post("/logout", data={"csrf": token}, headers={"Origin": tom.origin})
        assert answer.status_code == 403


async def test_the_log_in_form_has_to_come_from_the_log_in_page(desk, stranger):
    await desk.employ("tom")
    answer = await stranger.client.post(
        "/login", data={"username": "tom", "password": PASSWORD}, headers={"Origin": stranger.origin}
    )
    assert answer.status_code == 403
