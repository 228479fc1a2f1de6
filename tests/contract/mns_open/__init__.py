"""The queue service's management API, through its official SDK."""
