"""Tests of the fakes' modules."""
