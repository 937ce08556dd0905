"""What all tests share."""

from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine's other work, not of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
