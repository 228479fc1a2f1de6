"""Tests of `functions.retention.policy`."""
