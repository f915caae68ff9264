"""What the operator reads after a backup or a restore."""

from collections.abc import Mapping
from typing import Any

from core.backup.making import Made
from core.backup.restoring import Restored

_SHOWN = ("companies", "tickets", "articles", "attachments")
_NAMED = 5


def of_backup(made: Made) -> str:
    kind = "sealed backup" if made.is_sealed else "backup"
    return f"{made.path}: {kind} of {_amount(made.told.tables)}, {_size(made.size)}."


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
    lines = [
        f"Restored the desk of {told.made_at:%Y-%m-%d %H:%M} UTC: {_amount(told.tables)}, {restored.files} files."
    ]
    if restored.aside:
        lines.append(f"The desk that was here is kept as {restored.aside}.")
    if settled.held:
        lines.append(
            f"{settled.held} pushes and mails are held; release or discard them in the panel, under Entregas."
        )
    if told.missing:
        lines.append(f"The backup came without {len(told.missing)} files: {', '.join(told.missing.values())}.")
    if settled.unreadable:
        lines.append(f"{settled.unreadable} waiting messages cannot be read without that desk's secret key.")
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
    return ", ".join(f"{tables[name].rows} {name}" for name in _SHOWN if name in tables)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
