"""Hypothesis without its stop-watch: how busy the machine is decides nothing."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("patient")
