"""The queue service through its SDK."""
