"""Tests of `functions.retention.console`."""
