"""What every change of the desk's settings has in common: who may, what it looked like before, what is noted."""

from collections.abc import Mapping

from core.actions import audit
from core.actions.authorize import authorize
from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Desk, Technician
from core.rules.permissions import Permission

Fields = Mapping[str, str]  # a page's fields as they are written in its form


class StaleError(ConflictError):
    """What is there is not what the form was filled in on; ``changed``: field → (as it was seen, as it is)."""

    message = N_("Somebody has changed this in the meantime. Look at it again: saving now overwrites it.")

    def __init__(self, changed: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.changed = changed


async def begin(session: WriteSession, actor: Technician) -> None:
    """Nobody else changes a setting until the end of this transaction. Raises ForbiddenError."""
    authorize(actor, Permission.EDIT_SETTINGS)
    await session.get_one(Desk, 1, with_for_update=True)


def refuse_stale(seen: Fields, current: Fields) -> None:
    """Raises StaleError where the form was filled in on something else than what is there now."""
    names = [*current, *(name for name in seen if name not in current)]
    changed = {name: (seen.get(name, ""), current.get(name, "")) for name in names}
    changed = {name: (before, after) for name, (before, after) in changed.items() if before != after}
    if changed:
        raise StaleError(changed)


def note(session: WriteSession, actor: Technician, section: str, *, before: Fields, after: Fields) -> None:
    """One audit entry with what has changed; none where nothing has."""
    names = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    if names:
        changes = {name: [before.get(name, ""), after.get(name, "")] for name in names}
        audit.record(session, actor, "settings.changed", on=f"settings {section}", changes=changes)
