"""On how many examples a property is tried."""

from hypothesis import settings

USUAL = 100
"""The examples of a property without a number of its own, under the profile of `make test`."""


def examples(count: int) -> settings:
    """Return the settings of a property that needs more or fewer examples than usual.

    Args:
        count: examples under the profile of `make test`; other profiles take their share of it.
    """
    return settings(max_examples=max(1, count * settings().max_examples // USUAL))
