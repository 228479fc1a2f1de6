"""Contract tests of the fake log service."""
