"""Tests of `functions.retention.jobs`."""
