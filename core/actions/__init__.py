"""What may be done: one verb each. Session first, facts in, rows out; the edges commit."""
