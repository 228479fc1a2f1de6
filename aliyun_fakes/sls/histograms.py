"""GetHistograms: how many logs a search finds in each part of its time range."""

from collections.abc import Sequence

from aliyun_fakes.sls.logstore import NANOSECONDS, Search

PARTS = 60
"""Parts of a range, of whole seconds each (assumed: the pages say only that the service divides the range evenly)."""


def histogram(search: Search, times: Sequence[int], progress: str) -> list[dict[str, object]]:
    """The answer of GetHistograms.

    Args:
        search: what was searched for.
        times: of the logs that it found, nanoseconds since the epoch.
        progress: ``Complete`` or ``Incomplete``, of every part.

    Returns:
        For each part ``from`` (included) and ``to`` (not included) in seconds since the epoch, and its ``count``.
    """
    since, until = search.since // NANOSECONDS, -(-search.until // NANOSECONDS)
    width = -(-(until - since) // PARTS)
    counts = [0] * -(-(until - since) // width)
    for moment in times:
        counts[(moment // NANOSECONDS - since) // width] += 1
    return [
        {
            "from": since + number * width,
            "to": min(since + (number + 1) * width, until),
            "count": count,
            "progress": progress,
        }
        for number, count in enumerate(counts)
    ]
