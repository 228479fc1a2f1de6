"""Checks of an existing deployment. Each finding comes with its remedy; nothing is ever changed."""
