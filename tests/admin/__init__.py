"""The panel, driven over HTTP."""
