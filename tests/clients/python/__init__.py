"""The clients in Python; each module is run by itself."""
