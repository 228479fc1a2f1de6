"""Unit tests of the library."""
