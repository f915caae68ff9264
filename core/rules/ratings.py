"""How well a ticket was attended to, as its customer says."""

STARS = range(1, 6)
LOW = 2  # so few stars, or fewer: somebody of the desk had better look at it
