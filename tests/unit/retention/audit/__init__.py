"""Tests of `functions.retention.audit`."""
