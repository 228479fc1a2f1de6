"""The fakes through the official SDKs."""
