"""The one question before every privileged change."""

from core.errors import ForbiddenError
from core.models import Technician
from core.rules.permissions import Permission, allows


def authorize(actor: Technician, permission: Permission) -> None:
    """Raises ForbiddenError unless the actor's role has the permission."""
    if actor.disabled_at is not None or not allows(actor.role, permission):
        raise ForbiddenError
