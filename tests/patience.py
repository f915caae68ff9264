"""How long a test waits for what must come."""

PATIENCE = 50.0  # seconds; a machine that stands still for a while is slow, not wrong
