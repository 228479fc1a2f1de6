"""Format codes, sizes and durations for people."""

from collections.abc import Mapping

KEPT: Mapping[str, str] = {
    "too-young": "not yet old enough for any policy",
    "under-min-age": "old enough for a policy, but younger than guardrails.min_age",
    "protected": "guardrails.protect keeps it, with everything in it",
    "cancelled-by-person": "a person cancelled its deletion job less than guardrails.keep_cancelled ago",
    "not-matched": "old enough, but no policy matches it",
    "no-policy": "no policy applies to it",
    "unknown-delete-time": "the service gave no deletion time that can be read",
    "future-delete-time": "its deletion time is in the future",
    "unknown-id": "the service gave no id",
    "unknown-type": "the service gave neither File nor Directory as its type",
    "unknown-name": "the service gave no valid name",
    "unknown-path": "its path cannot be rebuilt",
    "bin-is-below": "a policy with keep_bin_below may take it, and the bin is below that size without it",
    "holds-kept-entries": "a directory that holds something that is kept",
    "cannot-look-inside": "a directory whose contents cannot be listed, so that they are unknown",
}
"""Why an entry is kept, by the verdict's reason."""

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

_STEP = 1024


def describe(code: str, table: Mapping[str, str]) -> str:
    """The sentence for a code; the code itself if the table does not have it."""
    return table.get(code, code)


def readable_size(size: float | None, unknown: int = 0) -> str:
    """Bytes, rounded, in powers of 1024.

    Args:
        size: bytes; None when they are not known.
        unknown: how many entries come on top whose size is not known.
    """
    if size is None:
        return "unknown"
    if unknown:
        return f"{readable_size(size) if size else 'unknown'}, and {unknown} entries of unknown size"
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
