"""Notice that the service lists more than one level, or shows an entry twice: then no path can be relied on."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from functions.retention.core import EndReason, Entry, RunOver
from functions.retention.walk.directory import Directory, OpenPath

SAMPLE = 1_000
"""How many entries of each open directory are remembered to notice one that shows up below two directories."""

_IDENTITY = attrgetter("file_id", "delete_time")

_FILE_ID = attrgetter("file_id")


def notice_recursion(
    stack: Iterable[OpenPath], open_path: OpenPath, directory: Directory, entries: Sequence[Entry]
) -> None:
    """Compare one page's entries with what other open directories showed, and remember some of them.

    Args:
        stack: all open paths.
        open_path: the one whose directory is read.
        directory: the directory whose listing the page is of.
        entries: of the page.

    Raises:
        RunOver: an entry is listed below two open directories, or a directory lists one that it lies in.
    """
    seen = set(map(hash, map(_IDENTITY, entries)))
    opened = [each for above in stack for each in above.directories]
    if any(not seen.isdisjoint(other.sample) for other in opened if other is not directory):
        raise RunOver(
            EndReason.LISTS_RECURSIVELY,
            f"an entry of {open_path.path} is listed below another open directory too: the service lists "
            "recursively, or it is a hard link; nothing is deleted",
        )
    ids = {each.file_id for each in opened}
    if not ids.isdisjoint(map(_FILE_ID, entries)):
        what = f"{open_path.path} lists a directory that it lies in; nothing is deleted"
        raise RunOver(EndReason.LISTS_RECURSIVELY, what)
    if len(directory.sample) < SAMPLE:
        directory.sample |= seen
