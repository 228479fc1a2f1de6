"""Apsara File Storage NAS: the recycle bin of General-purpose file systems, discovery and tags."""
