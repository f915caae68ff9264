"""Hypothesis without a stopwatch: a busy machine fails no property, and every run tries the same cases."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "rules", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("rules")
