"""The invocation API through official SDKs."""
