"""Tests of the queue service's modules."""
