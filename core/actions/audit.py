"""One entry per privileged change."""

from typing import Any

from core.clock import now
from core.db import WriteSession
from core.models import AuditEntry, Technician


def record(session: WriteSession, actor: Technician | None, action: str, *, on: str, **data: Any) -> None:
    """``actor`` None: the command line. ``on`` names the object, such as ``company 0992345678001``."""
    session.add(
        AuditEntry(at=now(), technician_id=actor.id if actor else None, action=action, object=on, data=dict(data))
    )
