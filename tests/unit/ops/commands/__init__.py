"""Tests of `ops.commands`."""
