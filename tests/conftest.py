"""Settings for every test."""

from hypothesis import HealthCheck, settings

from tests.examples import USUAL

# A limit on an example's time would fail tests on a busy machine; what is too slow shows in --durations.
settings.register_profile("repository", max_examples=USUAL, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", parent=settings.get_profile("repository"), max_examples=USUAL // 5)
settings.load_profile("repository")
