"""The longest wait of a test for something that normally comes at once."""

PATIENCE = 120.0
"""Seconds until a test gives up. It only keeps a test from hanging: a busy machine must not make a test fail."""
