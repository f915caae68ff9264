"""How well a ticket was attended to, as its customer says."""

STARS = range(1, 6)
LOW = 2


def is_low(stars: int) -> bool:
    """Whether somebody of the desk had better look at it."""
    return stars <= LOW
