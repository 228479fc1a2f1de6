"""Tests of `ops.doctor`."""
