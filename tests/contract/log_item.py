"""Logs with exactly the time that a test gives them."""

from collections.abc import Sequence

from aliyun.log import LogItem


def log_item(moment: float, contents: Sequence[tuple[str, str]]) -> LogItem:
    """Return a log of the official SDK whose time is `moment`.

    `LogItem(time_nano_part=0)` takes 0 for "not given" and fills in the nanoseconds of the machine's clock (observed:
    aliyun-log-python-sdk 0.9.52). Logs of one second are then found in the wrong order if the machine's second ends
    while they are made. Only the setter keeps a 0.

    Args:
        moment: seconds since the epoch.
        contents: names and values.
    """
    item = LogItem(timestamp=int(moment), contents=list(contents))
    item.set_time_nano_part(int(moment % 1 * 1_000_000_000))
    return item
