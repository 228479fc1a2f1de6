"""Settings for every test."""

from hypothesis import HealthCheck, settings

# A limit on an example's time would fail tests on a busy machine; what is too slow shows in --durations.
settings.register_profile("repository", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repository")
