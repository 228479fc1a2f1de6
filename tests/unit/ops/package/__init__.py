"""Tests of `ops.package`."""
