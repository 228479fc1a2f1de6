"""The documentation site, and the generator of its reference pages."""
