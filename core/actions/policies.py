"""The desk decides how it works."""

from collections.abc import Mapping
from typing import Any

from core.actions import desk_settings
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import PolicyValue, Technician
from core.queries import policy
from core.rules.policy import BOUNDS, CHOICES, choice_name
from core.rules.services import Service


async def set_policy(session: WriteSession, actor: Technician, wanted: Fields, *, seen: Fields) -> None:
    """All settings of ``policy.written`` at once. Raises InvalidError, StaleError, ForbiddenError."""
    await desk_settings.begin(session, actor)
    values = _values(wanted)
    before = policy.written(await policy.desk_policy(session))
    desk_settings.refuse_stale(seen, before)
    for name, value in values.items():
        await session.merge(PolicyValue(name=name, value=value))
    await session.flush()
    after = policy.written(await policy.desk_policy(session))
    desk_settings.note(session, actor, "policy", before=before, after=after)


def _values(wanted: Fields) -> Mapping[str, Any]:
    legal = {
        service: [closure for of, closure in CHOICES if of is service and wanted.get(choice_name((of, closure)))]
        for service in Service
    }
    for service, closures in legal.items():
        if not closures:
            raise InvalidError(N_("A service needs at least one way to close."), field=f"legal-{service}")
    return {
        **{name: _number(wanted.get(name, ""), name) for name in BOUNDS},
        "files_mandatory": bool(wanted.get("files_mandatory")),
        "legal": legal,
    }


def _number(text: str, name: str) -> int:
    lowest, highest = BOUNDS[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and lowest <= int(text) <= highest):
        raise InvalidError(
            N_("Write a whole number from %(lowest)s to %(highest)s."), field=name, lowest=lowest, highest=highest
        )
    return int(text)
