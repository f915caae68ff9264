"""The desk survives its operator: one file that holds it all, and the way back from it."""

from core.errors import DeskError


class BackupError(DeskError):
    """One sentence for the operator; nothing of the desk was changed."""
