"""Tests of `functions.retention.runs`."""
