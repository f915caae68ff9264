"""What a backup says about itself: the last member of its archive."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from core.backup import BackupError

FORMAT = 1
NAME = "manifest.json"
CHECK = "manifest.sha256"
KEY = "secret.key"
TITLE = "VENTANILLA"
TITLE_TEXT = b"A backup of Ventanilla. The way back: python -m core restore FILE\n"

# these become part of SQL statements, and a file may come from anywhere
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Backend = Literal["sqlite", "postgresql"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Member(_Part):
    """One member of the archive, as its bytes stand there."""

    sha256: str
    size: int


class Table(_Part):
    rows: int
    columns: tuple[Name, ...]


class Manifest(_Part):
    """``missing``: what the store should have had, by SHA-256, and why it is not here."""

    format: int = FORMAT
    made_at: datetime
    backend: Backend
    revision: str
    key_mark: str
    holds_files: bool
    tables: dict[Name, Table]
    members: dict[str, Member]
    missing: dict[str, str]

    def written(self) -> bytes:
        return self.model_dump_json(indent=1).encode()


def read(content: bytes) -> Manifest:
    """Raises BackupError for what a newer Ventanilla wrote, or nobody."""
    try:
        if json.loads(content)["format"] > FORMAT:
            raise BackupError("A newer Ventanilla made this backup; restore it with that one.")
        return Manifest.model_validate_json(content)
    except (ValueError, KeyError, TypeError, ValidationError):
        raise BackupError("The backup's manifest cannot be read; the file is damaged.") from None


def key_mark(secret_key: bytes) -> str:
    """Tells whether two places have the same secret key without telling the key."""
    return hashlib.blake2b(b"backup", key=secret_key[:64], digest_size=8).hexdigest()
