"""Settings from the environment and ``.env``, failing loudly with the variable's name."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from core.setting_values import SWITCH, BackupKeep, ChatRate, is_public

# Never shown, however wrong; the addresses may have a password in them.
SECRETS = frozenset(
    {
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "SECRET_KEY",
        "SMTP_URL",
        "DATABASE_URL",
        "BACKUP_PASSPHRASE",
        "METRICS_TOKEN",
    }
)

DEMONSTRATION_TOKEN = "1000000001:simulator"  # noqa: S105 - opens nothing but the simulator


class SettingsError(ValueError):
    """One sentence for the operator: variable, what is wrong, what is expected."""


Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseModel):
    """Every setting there is. Field names in capitals are the variables' names."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    telegram_bot_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: Annotated[str, Field(validate_default=True)] = ""
    database_url: str = ""
    data_dir: Path = Path("data")
    panel_host: str = "127.0.0.1"
    panel_port: Port = 8000
    public_url: str = ""
    secret_key: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    require_totp: bool | None = None
    clamav_socket: str = ""
    upload_limit_mb: Annotated[int, Field(ge=1, le=4000)] = 200
    desk_name: str = "SACI Soporte"
    desk_timezone: str = "America/Guayaquil"
    default_locale: Literal["es", "en"] = "es"
    desk_email: str = ""
    desk_phone: str = ""
    desk_url: str = ""
    simulator_port: Port = 8001
    simulator_smtp_port: Port = 8025
    send_per_second: Annotated[float, Field(gt=0)] = 25
    send_per_chat: ChatRate = ChatRate(1, 3)
    backup_dir: str = ""
    backup_keep: BackupKeep = BackupKeep(24, 7, 5)
    backup_passphrase: str = ""
    alarm_email: str = ""
    metrics_token: str = ""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def is_demonstration(self) -> bool:
        """Without a token the desk talks to the simulator."""
        return not self.telegram_bot_token

    @property
    def needs_second_factor(self) -> bool:
        """Whether nobody works in the panel without one: on with a real token unless it is said otherwise."""
        return not self.is_demonstration if self.require_totp is None else self.require_totp

    @property
    def bot_token(self) -> str:
        return self.telegram_bot_token or DEMONSTRATION_TOKEN

    @property
    def bot_id(self) -> int:
        """The public half of the token: the bot's user id."""
        return int(self.bot_token.partition(":")[0])

    @property
    def secrets(self) -> Sequence[str]:
        """What no log may hold; those that are not set are empty."""
        return [str(getattr(self, name.lower())) for name in sorted(SECRETS)]

    @property
    def database(self) -> str:
        """The database's URL, ``data/demo.db`` in the demonstration unless one is named."""
        name = "demo" if self.is_demonstration else "ventanilla"
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / name}.db"

    @property
    def panel_url(self) -> str:
        """Where people reach the panel, without a slash at the end."""
        return (self.public_url or f"http://{self.panel_host}:{self.panel_port}").rstrip("/")

    @property
    def upload_url(self) -> str:
        """Where customers reach the panel from outside; empty unless it is https on a public name."""
        return self.panel_url if is_public(self.panel_url) else ""

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @field_validator("telegram_bot_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+:[\w-]+", value):
            raise ValueError("expected the token from BotFather, such as 123456:ABC-def")
        return value

    @field_validator("telegram_webhook_url")
    @classmethod
    def _webhook(cls, value: str) -> str:
        parts = urlsplit(value)
        is_local = parts.hostname == "localhost" or re.fullmatch(r"127\.[\d.]+|::1", parts.hostname or "")
        if value and (parts.scheme not in ({"http", "https"} if is_local else {"https"}) or not parts.hostname):
            raise ValueError("expected an https:// address that Telegram can reach, such as https://mesa.example.org")
        return value.rstrip("/")

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: str, info: ValidationInfo) -> str:
        if (value or info.data.get("telegram_webhook_url")) and not re.fullmatch(r"[A-Za-z0-9_-]{32,256}", value):
            raise ValueError("a webhook needs a secret of 32 to 256 characters of A-Z a-z 0-9 _ -")
        return value

    @field_validator("telegram_api_url", "public_url", "desk_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("expected an address such as https://example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
            raise ValueError("expected sqlite+aiosqlite:///file or postgresql+asyncpg://user@host/name")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname):
            raise ValueError("expected smtp://, smtps:// or smtp+starttls://user:password@host:port")
        return value

    @field_validator("clamav_socket")
    @classmethod
    def _scanner(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not value.startswith("/") and (parts.scheme != "tcp" or not parts.hostname or not parts.port):
            raise ValueError("expected /path/of/socket or tcp://host:port")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("expected at least 32 characters")
        return value

    @field_validator("desk_timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("expected a zone such as America/Guayaquil")
        ZoneInfo(value)
        return value

    @field_validator("metrics_token")
    @classmethod
    def _token_of_metrics(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("expected at least 16 characters")
        return value

    @field_validator("mail_from", "desk_email", "alarm_email")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.search(r"[^@\s<>]+@[^@\s<>]+", value):
            raise ValueError("expected an e-mail address")
        return value

    @field_validator("require_totp", mode="before")
    @classmethod
    def _switch(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lower() not in SWITCH:
            raise ValueError("expected on or off")
        return SWITCH[value.lower()]

    @field_validator("send_per_chat", mode="before")
    @classmethod
    def _rate(cls, value: Any) -> Any:
        return ChatRate.parse(value) if isinstance(value, str) else value

    @field_validator("backup_keep", mode="before")
    @classmethod
    def _keep(cls, value: Any) -> Any:
        return BackupKeep.parse(value) if isinstance(value, str) else value

    @field_validator("backup_passphrase")
    @classmethod
    def _passphrase(cls, value: str) -> str:
        if value and len(value) < 12:
            raise ValueError("expected at least 12 characters")
        return value

    @field_validator("log_format", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


def variable_names() -> list[str]:
    """The variables as the operator writes them, in the order of the settings."""
    return [name.upper() for name in Settings.model_fields]


def load(environ: Mapping[str, str] | None = None, *, env_file: Path | None = Path(".env")) -> Settings:
    """Read and check all settings; the environment wins over ``.env``. Raises SettingsError."""
    given = {name: value for name, value in dotenv_values(env_file).items() if value is not None} if env_file else {}
    given |= os.environ if environ is None else environ
    values = {}
    for name in variable_names():
        value = _value_of(name, given)
        if value:
            values[name.lower()] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        # a secret that is wrong must not end up in a log
        shown = "" if name in SECRETS else f" ({first['input']!r})"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}{shown}: {reason[0].lower()}{reason[1:]}.") from None


def _value_of(name: str, given: Mapping[str, str]) -> str:
    file = given.get(f"{name}_FILE", "")
    if not file or given.get(name):
        return given.get(name, "").strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{name}_FILE ({file!r}): expected a readable text file.") from None
