"""Tests of the fake NAS's modules."""
