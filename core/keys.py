"""The desk's own key, and what only its owner can work out from it."""

import hashlib
import os
import secrets

from core.settings import Settings, SettingsError


def secret_key(settings: Settings) -> bytes:
    """The key of this desk; without SECRET_KEY one is made once and kept in DATA_DIR, mode 0600."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data_dir / "secret.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR ({str(settings.data_dir)!r}): expected a folder to write to; {error}."
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_urlsafe(48).encode())
    return path.read_bytes()


def webhook_path(settings: Settings) -> str:
    """Where Telegram brings its updates; nobody else can guess it. Raises SettingsError."""
    digest = hashlib.blake2b(b"webhook", key=secret_key(settings)[:64], digest_size=24).hexdigest()
    return f"/telegram/{digest}"


def webhook_address(settings: Settings) -> str:
    """The whole address Telegram is told; empty where the desk polls. Raises SettingsError."""
    return f"{settings.telegram_webhook_url}{webhook_path(settings)}" if settings.telegram_webhook_url else ""
