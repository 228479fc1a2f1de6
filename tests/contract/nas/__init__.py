"""NAS through its SDK."""
