"""Tests of `functions.retention.walk`."""
