"""Rows of the coverage table for the queue service."""

COVERAGE = ()
