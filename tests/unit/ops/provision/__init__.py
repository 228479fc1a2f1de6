"""Tests of `ops.provision`."""
