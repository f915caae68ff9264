"""Whole days at the desk in a real browser: several people at once, and each way of working alone."""
