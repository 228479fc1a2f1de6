"""Tests of the Function Compute host."""
