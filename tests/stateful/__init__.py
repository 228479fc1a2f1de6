"""Tests that play many steps and compare with a model."""
