"""Settings fail loudly, and the example tells the truth."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from dotenv import dotenv_values

from core.keys import secret_key, webhook_address
from core.setting_values import ChatRate
from core.settings import Settings, SettingsError, load, variable_names

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def test_the_example_names_every_setting_with_its_default():
    example = dotenv_values(EXAMPLE)
    assert list(example)
    assert set(example) == set(variable_names())
    assert load({}, env_file=None) == load({}, env_file=EXAMPLE)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PANEL_PORT", "http", "integer"),
        ("PANEL_PORT", "70000", "65535"),
        ("TELEGRAM_BOT_TOKEN", "abc", "BotFather"),
        ("TELEGRAM_API_URL", "api.telegram.org", "https://"),
        ("TELEGRAM_WEBHOOK_URL", "http://mesa.example", "https://"),
        ("TELEGRAM_WEBHOOK_URL", "mesa.example", "https://"),
        ("TELEGRAM_WEBHOOK_SECRET", "s" * 31, "32"),
        ("TELEGRAM_WEBHOOK_SECRET", "contraseña" * 4, "A-Z"),
        ("DATABASE_URL", "mysql://x", "postgresql+asyncpg"),
        ("DESK_TIMEZONE", "Quito", "America/Guayaquil"),
        ("SMTP_URL", "mail.example", "smtps://"),
        ("SEND_PER_CHAT", "fast", "1/s burst 3"),
        ("SECRET_KEY", "short", "32"),
        ("DEFAULT_LOCALE", "qu", "es"),
        ("LOG_LEVEL", "loud", "debug"),
        ("MAIL_FROM", "nobody", "e-mail"),
        ("BACKUP_KEEP", "24 hours", "24h 7d 5w"),
        ("BACKUP_KEEP", "0h 0d", "24h 7d 5w"),
        ("BACKUP_PASSPHRASE", "corta", "12"),
    ],
)
def test_a_bad_value_is_one_sentence_with_the_variable_and_what_is_expected(name: str, value: str, expected: str):
    with pytest.raises(SettingsError) as refused:
        load({name: value}, env_file=None)
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert expected in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("address", ["https://mesa.example", "http://localhost:8000", "http://127.0.0.1:8000/desk"])
def test_no_webhook_without_a_secret(address: str):
    with pytest.raises(SettingsError, match=r"^TELEGRAM_WEBHOOK_SECRET: a webhook needs a secret of 32"):
        load({"TELEGRAM_WEBHOOK_URL": address}, env_file=None)
    settings = load({"TELEGRAM_WEBHOOK_URL": address + "/", "TELEGRAM_WEBHOOK_SECRET": "s" * 32}, env_file=None)
    assert settings.telegram_webhook_url == address


def test_the_webhook_is_where_only_the_secret_key_tells():
    webhook = {"TELEGRAM_WEBHOOK_URL": "https://mesa.example", "TELEGRAM_WEBHOOK_SECRET": "s" * 32}
    first, second = (load(webhook | {"SECRET_KEY": letter * 32}, env_file=None) for letter in "ab")
    assert webhook_address(first).startswith("https://mesa.example/telegram/")
    assert webhook_address(first) != webhook_address(second)
    assert webhook_address(load({"SECRET_KEY": "a" * 32}, env_file=None)) == ""


def test_a_refused_secret_is_not_repeated():
    with pytest.raises(SettingsError) as refused:
        load({"SECRET_KEY": "my-secret"}, env_file=None)
    assert "my-secret" not in str(refused.value)


def test_a_value_may_come_from_a_file(tmp_path: Path):
    (tmp_path / "token").write_text("123456:ABC-def\n")
    settings = load({"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "token")}, env_file=None)
    assert settings.bot_token == "123456:ABC-def"
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN_FILE"):
        load({"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "missing")}, env_file=None)


def test_the_environment_wins_over_the_file(tmp_path: Path):
    (tmp_path / ".env").write_text("PANEL_PORT=9000\nDESK_NAME=Mesa\n")
    settings = load({"PANEL_PORT": "9001"}, env_file=tmp_path / ".env")
    assert (settings.panel_port, settings.desk_name) == (9001, "Mesa")


def test_the_demonstration_keeps_to_its_own_database():
    assert load({}, env_file=None).database.endswith("data/demo.db")
    assert load({"TELEGRAM_BOT_TOKEN": "1:abc"}, env_file=None).database.endswith("data/ventanilla.db")


def test_the_generated_key_stays_the_same_and_private(tmp_path: Path):
    settings = load({"DATA_DIR": str(tmp_path / "data")}, env_file=None)
    key = secret_key(settings)
    assert len(key) >= 32
    assert secret_key(settings) == key
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "\n", "x" * 31])
def test_a_key_that_was_cut_off_is_refused_by_the_name_of_its_file(tmp_path: Path, content: str):
    file = tmp_path / "secret.key"
    file.write_text(content)
    with pytest.raises(SettingsError) as refused:
        secret_key(load({"DATA_DIR": str(tmp_path)}, env_file=None))
    assert str(refused.value).startswith(f"{file}: expected the desk's secret key, at least 32 characters")
    assert "\n" not in str(refused.value)
    assert file.read_text() == content, "nothing locked with what it held is given up"


def test_all_who_start_at_once_have_the_same_key(tmp_path: Path):
    for desk in range(20):
        settings = load({"DATA_DIR": str(tmp_path / str(desk))}, env_file=None)
        together = Barrier(4)

        def starts(settings: Settings = settings, together: Barrier = together) -> bytes:
            together.wait()
            return secret_key(settings)

        with ThreadPoolExecutor(4) as threads:
            keys = {started.result() for started in [threads.submit(starts) for _ in range(4)]}
        assert len(keys) == 1
        assert [file.name for file in settings.data_dir.iterdir()] == ["secret.key"]


def test_a_rate_is_read_as_people_write_it():
    assert ChatRate.parse("1/s burst 3") == ChatRate(1, 3)
    assert ChatRate.parse(" 0.5 / s ") == ChatRate(0.5, 1)


@pytest.mark.parametrize(
    ("address", "is_offered"),
    [
        ("https://mesa.saci.example", True),
        ("https://190.95.1.2:8443", True),
        ("http://mesa.saci.example", False),
        ("https://localhost:8000", False),
        ("https://127.0.0.1", False),
        ("https://192.168.1.20", False),
        ("https://[::1]:8000", False),
        ("https://servidor", False),
        ("https://servidor.local", False),
        ("", False),
    ],
)
def test_an_upload_link_is_offered_only_where_a_phone_can_open_it(address: str, is_offered: bool):
    assert bool(load({"PUBLIC_URL": address}, env_file=None).upload_url) is is_offered


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "localhost:3310", "clamd.sock", "http://127.0.0.1:3310"])
def test_a_scanner_is_named_by_its_socket(address: str):
    with pytest.raises(SettingsError, match="CLAMAV_SOCKET"):
        load({"CLAMAV_SOCKET": address}, env_file=None)
    assert load({"CLAMAV_SOCKET": "tcp://clamd:3310"}, env_file=None).clamav_socket == "tcp://clamd:3310"
