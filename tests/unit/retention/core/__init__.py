"""Tests of `functions.retention.core`."""
