"""One entry per privileged change."""

from typing import Any

from core.clock import now
from core.db import WriteSession
from core.models import AuditEntry, Person, Technician
from core.rules.audit import words_of


def record(session: WriteSession, actor: Technician | Person | None, action: str, *, on: str, **data: Any) -> None:
    """``actor`` a person: in the chat; None: the command line. ``on``: such as ``company 0992345678001``."""
    session.add(
        AuditEntry(
            at=now(),
            technician_id=actor.id if isinstance(actor, Technician) else None,
            person_id=actor.id if isinstance(actor, Person) else None,
            action=action,
            object=on,
            data=dict(data),
            words=words_of(on, data),
        )
    )
