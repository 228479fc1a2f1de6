"""The key that the deployments of the tests seal their messages with."""

SEAL_KEY = bytes(range(32)).hex()
"""As the variable ``SEAL_KEY`` takes it."""
