"""Codes, sizes and durations as a person reads them."""

from collections.abc import Mapping

KEPT: Mapping[str, str] = {
    "too-young": "not yet old enough for any policy",
    "under-min-age": "old enough for a policy, but younger than guardrails.min_age",
    "protected": "guardrails.protect keeps it, and whatever lies in it",
    "not-matched": "old enough, and no policy's match takes it",
    "no-policy": "there is no policy for it",
    "unknown-delete-time": "the service gave no time of deletion that can be read",
    "future-delete-time": "its time of deletion is in the future, which cannot be",
    "unknown-id": "the service gave no id",
    "unknown-type": "the service gave neither File nor Directory as its type",
    "unknown-name": "the service gave no name that can be one",
    "unknown-path": "its path cannot be rebuilt",
    "holds-kept-entries": "a directory in which something is kept",
    "cannot-look-inside": "a directory whose contents cannot be seen: unknown is not empty",
}
"""Why entries stay, by code."""

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

_STEP = 1024


def describe(code: str, table: Mapping[str, str]) -> str:
    """The sentence for a code; a code that the table lacks speaks for itself."""
    return table.get(code, code)


def readable_size(size: float) -> str:
    """Bytes, rounded, in powers of 1024."""
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{size:.0f} B"


def format_seconds(seconds: int) -> str:
    """A duration by its two largest units: ``2 h 5 min``."""
    parts = []
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
