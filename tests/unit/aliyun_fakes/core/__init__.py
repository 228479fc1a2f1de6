"""Tests of what every fake stands on."""
