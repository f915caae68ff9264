"""What the operator reads after a backup or a restore."""

from collections.abc import Mapping
from typing import Any

from core.backup.making import Made
from core.backup.restoring import Restored

_SHOWN = ("companies", "tickets", "articles", "attachments")
_NAMED = 5


def of_backup(made: Made) -> str:
    kind = "Sealed backup" if made.is_sealed else "Backup"
    return f"{kind} in {made.path}, {_size(made.size)} ({_amount(made.told.tables)})."


def backup_as_json(made: Made) -> dict[str, Any]:
    told = made.told
    return {
        "path": str(made.path),
        "size": made.size,
        "sealed": made.is_sealed,
        "made_at": told.made_at.isoformat(),
        "schema": told.revision,
        "rows": {name: table.rows for name, table in told.tables.items()},
        "files": sum(name.startswith("files/") for name in told.members),
        "missing": dict(made.missing),
    }


def of_missing(missing: Mapping[str, str]) -> str:
    named = ", ".join(list(missing.values())[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
    return f"The backup is made, but {len(missing)} of the desk's files are not in the store as they were: {named}."


def of_restore(restored: Restored) -> str:
    told, settled = restored.told, restored.settled
    came = f"{_amount(told.tables)}, files: {restored.files}"
    lines = [f"Restored the desk of {told.made_at:%Y-%m-%d %H:%M} UTC ({came})."]
    if restored.aside:
        lines.append(f"The desk that was here is kept as {restored.aside}.")
    if settled.held:
        lines.append(f"Pushes and mails held: {settled.held}; release or discard them in the panel, under Entregas.")
    if told.missing:
        lines.append(f"Files the backup came without: {', '.join(told.missing.values())}.")
    if settled.unreadable:
        lines.append(f"Waiting messages nobody can read without that desk's secret key: {settled.unreadable}.")
    lines.append("Logins, tokens and phones revoked after the backup are valid again: go through them.")
    return "\n".join(lines)


def restore_as_json(restored: Restored) -> dict[str, Any]:
    told = restored.told
    return {
        "made_at": told.made_at.isoformat(),
        "schema": told.revision,
        "rows": {name: table.rows for name, table in told.tables.items()},
        "files": restored.files,
        "missing": dict(told.missing),
        "aside": restored.aside or None,
        "held": restored.settled.held,
        "unreadable": restored.settled.unreadable,
        "same_key": restored.has_key,
    }


def _amount(tables: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {tables[name].rows}" for name in _SHOWN if name in tables)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
