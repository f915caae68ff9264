"""``python -m core``: what the operator types, and what comes back."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.actions import desk
from core.db import Database
from tests.backup.shell import ROOT
from tests.backup.shell import Shell as WarmShell

RUC = "0992345678001"


class Shell(WarmShell):
    """Runs commands against one desk; ``starts`` does without what is imported already, as the operator's shell."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PUBLIC_URL="https://mesa.example")

    def starts(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=self.environment | {"PYTHONPATH": str(ROOT)} | settings,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("desk"))
    assert shell.starts("core", "migrate").returncode == 0
    return shell


def test_migrating_again_changes_nothing(shell: Shell):
    assert shell.runs("migrate").returncode == 0


def test_a_company_is_registered_once(shell: Shell):
    words = ("add-company", RUC, "--name", "Comercial Andina", "--email", "a@andina.example", "--phone", "0991234567")
    assert json.loads(shell.succeeds(*words, "--json")) == {"ruc": RUC, "name": "Comercial Andina"}
    again = shell.runs(*words)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.strip() == f"There is a company with the RUC {RUC} already."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add-company", "12345", "--name", "X"), "12345 is not a RUC"),
        (("add-company", "1790012345001", "--name", " "), "needs a name"),
        (("add-company", "1790012345001", "--name", "X", "--phone", "12"), "12 is not a phone number"),
        (("add-company", "1790012345001", "--name", "X", "--email", "x"), "x is not an e-mail address"),
        (("reset-password", "1790012345001", "--reason", "lost"), "no company with the RUC"),
        (("api-token", "nobody"), "no user nobody"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_1(shell: Shell, words: tuple[str, ...], says: str):
    refused = shell.runs(*words)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_bad_usage_is_exit_2(shell: Shell):
    assert shell.runs("add-company").returncode == 2
    assert shell.runs("add-technician", "x", "--name", "X", "--role", "king").returncode == 2


def test_a_technician_gets_a_link_or_brings_a_password(shell: Shell):
    assert shell.succeeds("add-technician", "tom", "--name", "Tom").startswith("https://mesa.example/setup/")
    made = shell.succeeds("add-technician", "ana", "--name", "Ana", "--password-stdin", typed="una frase larga\n")
    assert made == "ana"
    short = shell.runs("add-technician", "eva", "--name", "Eva", "--password-stdin", typed="corta\n")
    assert short.returncode == 1
    token = shell.succeeds("api-token", "ana")
    assert len(token) > 30
    assert token.encode() not in (shell.folder / "demo.db").read_bytes()


def test_a_bad_setting_is_one_sentence_and_exit_2(shell: Shell):
    for module in ("core", "bot"):
        words = ("migrate",) if module == "core" else ()
        refused = shell.starts(module, *words, PANEL_PORT="http")
        assert refused.returncode == 2
        assert refused.stderr.startswith("PANEL_PORT")
        assert len(refused.stderr.splitlines()) == 1


def test_the_desk_does_not_start_on_a_database_that_is_not_migrated(tmp_path: Path):
    refused = Shell(tmp_path).starts("bot", SIMULATOR_PORT="0", SIMULATOR_SMTP_PORT="0", PANEL_PORT="0")
    assert refused.returncode == 2
    assert "python -m core migrate" in refused.stderr


def test_a_real_token_is_refused_on_a_demonstration_desk(tmp_path: Path):
    shell = Shell(tmp_path)
    database = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/demo.db"}
    shell.succeeds("migrate")

    async def claim() -> None:
        opened = Database(database["DATABASE_URL"])
        async with opened.write() as session:
            await desk.claim(session, bot_id=1000000001, is_demonstration=True)
        await opened.close()

    asyncio.run(claim())
    refused = shell.starts("bot", TELEGRAM_BOT_TOKEN="123456:real", PANEL_PORT="0", **database)
    assert refused.returncode == 2
    assert "demonstration" in refused.stderr


def test_check_says_what_works(shell: Shell):
    findings = json.loads(shell.succeeds("check", "--json"))
    assert [finding["what"] for finding in findings] == [
        "configuration",
        "database",
        "token",
        "webhook",
        "mail",
        "virus scanner",
        "disk",
    ]
    broken = shell.runs(
        "check", TELEGRAM_BOT_TOKEN="123456:abc", TELEGRAM_API_URL="http://127.0.0.1:9", SMTP_URL="smtp://127.0.0.1:9"
    )
    assert broken.returncode == 1
    assert broken.stdout.count("FAIL") >= 2
    assert "123456:abc" not in broken.stdout + broken.stderr


def test_an_invitation_is_a_link_to_the_bot_once_its_name_is_known(shell: Shell):
    shell.runs("add-company", "0190000001001", "--name", "Panadería Marisol")
    refused = shell.runs("invite", "0190000001001")
    assert refused.returncode == 1
    assert "not been started" in refused.stderr

    async def start() -> None:
        database = Database(f"sqlite+aiosqlite:///{shell.folder / 'demo.db'}")
        async with database.write() as session:
            await desk.remember_username(session, "saci_bot")
        await database.close()

    asyncio.run(start())
    made = json.loads(shell.succeeds("invite", "0190000001001", "--json"))
    assert re.fullmatch(r"https://t\.me/saci_bot\?start=[A-Za-z0-9_-]{43}", made["link"])
    assert shell.runs("invite", "0190000002001").returncode == 1


def test_a_list_of_companies_is_registered_once_and_wrong_lines_only_with_leave(shell: Shell, tmp_path: Path):
    file = tmp_path / "empresas.csv"
    file.write_text("ruc,nombre\n1790016919001,Favorita\n1790085783001,Sol\n12,Nadie\n")
    refused = shell.runs("import-companies", str(file))
    assert refused.returncode == 1
    assert "line 4: 12 is not a RUC" in refused.stderr
    assert "1 lines have errors; nothing was registered." in refused.stderr
    for registered in (2, 0):
        told = json.loads(shell.succeeds("import-companies", str(file), "--skip-wrong", "--json"))
        assert told == {"lines": 3, "registered": registered}
    file.write_bytes(b"\x00")
    assert shell.runs("import-companies", str(file)).returncode == 1
