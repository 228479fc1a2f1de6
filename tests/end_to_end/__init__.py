"""Whole deployments on the fakes, on virtual time: from the timer to the last record."""
