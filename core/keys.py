"""The desk's own key, and what only its owner can work out from it."""

import hashlib
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

from core.disk import sync
from core.settings import Settings, SettingsError

SHORTEST = 32  # characters, as of SECRET_KEY


def secret_key(settings: Settings) -> bytes:
    """The key of this desk; without SECRET_KEY one is made once and kept in DATA_DIR, mode 0600."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data_dir / "secret.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR ({str(settings.data_dir)!r}): expected a folder to write to; {error}."
        ) from None
    if len(key) < SHORTEST:
        raise SettingsError(
            f"{path}: expected the desk's secret key, at least {SHORTEST} characters, found {len(key)}; put back the "
            "copy you keep of it, or remove the file for a new key, which opens nothing the old one locked."
        )
    return key


def _make(path: Path) -> None:
    """Whole and on the disk before it has its name; of two who make one at once, the first one's stays."""
    with NamedTemporaryFile(dir=path.parent, prefix="secret.key.", delete=False) as file:  # only its owner reads it
        file.write(secrets.token_urlsafe(48).encode())
        file.flush()
        os.fsync(file.fileno())
    made = Path(file.name)
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        made.rename(path)
    made.unlink(missing_ok=True)
    sync(path.parent)


def webhook_path(settings: Settings) -> str:
    """Where Telegram brings its updates; nobody else can guess it. Raises SettingsError."""
    digest = hashlib.blake2b(b"webhook", key=secret_key(settings)[:64], digest_size=24).hexdigest()
    return f"/telegram/{digest}"


def webhook_address(settings: Settings) -> str:
    """The whole address Telegram is told; empty where the desk polls. Raises SettingsError."""
    return f"{settings.telegram_webhook_url}{webhook_path(settings)}" if settings.telegram_webhook_url else ""
