"""The REST API: the same actions as the panel, with the same permissions, for programs."""
