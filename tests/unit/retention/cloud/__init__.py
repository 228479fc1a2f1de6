"""Tests of `functions.retention.cloud`."""
