"""Invoking a deployed function through either API version, or running it here."""
