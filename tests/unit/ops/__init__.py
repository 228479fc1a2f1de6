"""Tests of `ops`, the operator's tools."""
