"""Directories whose listing fails: left out one by one, while the service answers for others."""

from functions.retention.core import (
    ROOT_ID,
    CloudError,
    EndReason,
    Listings,
    NoAnswer,
    NotFound,
    RunOver,
    StaleToken,
    is_denied,
)
from functions.retention.walk.directory import Directory
from functions.retention.walk.failures import Failures

MOST_SILENT = 3
"""Different directories in a row that give no answer, after which the root is listed: if that answers, the service
works, and the directories are at fault."""


class Unlisted:
    """Decides what a failed listing means.

    Args:
        listings: what is walked.
        failures: keeps account of directories that cannot be listed.
    """

    def __init__(self, listings: Listings, failures: Failures) -> None:
        self._listings, self._failures, self._silent = listings, failures, 0

    def may_list(self, directory: Directory) -> bool:
        """Whether a directory is listed now."""
        return self._failures.may_list(directory.file_id)

    def answered(self, directory: Directory) -> None:
        """A listing answered."""
        self._silent = 0
        self._failures.listed(directory.file_id)

    def not_found(self, directory: Directory, path: str, error: NotFound) -> None:
        """A directory is gone, which is nothing special unless the directory above it still shows it.

        Raises:
            RunOver: the root is not found, or a directory that answered before.
            CloudError: the directory above it cannot be listed.
        """
        if directory.file_id == ROOT_ID:
            reason = EndReason.LISTING_LOST if directory.pages or directory.replay else EndReason.ROOT_NOT_FOUND
            raise RunOver(reason, f"the root of the recycle bin: {error}") from error
        if not self._is_still_shown(directory):
            return
        if directory.pages:
            raise RunOver(EndReason.LISTING_LOST, f"{path} answered before, and now: {error}") from error
        self._failures.cannot_list(directory.file_id, path, error)

    def failed(self, file_id: str, path: str, error: CloudError) -> None:
        """A directory cannot be listed; returns if it can be left out.

        Raises:
            RunOver: the root's tokens die again and again.
            CloudError: the root cannot be listed, so that nothing can, or the caller may list nothing.
        """
        if file_id == ROOT_ID or is_denied(error):
            if isinstance(error, StaleToken):
                raise RunOver(EndReason.TOKENS_DIE, f"the root of the recycle bin: {error}") from error
            raise error
        if isinstance(error, NoAnswer):
            self._silent += 1
            if self._silent >= MOST_SILENT:
                self._listings.page(ROOT_ID)
                self._silent = 0
        self._failures.cannot_list(file_id, path, error)

    def _is_still_shown(self, directory: Directory) -> bool:
        """Whether the page that showed a directory shows it still. A live one is shown by no page."""
        if directory.parent is None or directory.entry is None:
            return False
        try:
            page = self._listings.page(directory.parent.file_id, directory.parent_token)
        except (NotFound, StaleToken):
            return False
        wanted = (directory.entry.file_id, directory.entry.delete_time)
        return any((entry.file_id, entry.delete_time) == wanted for entry in page.entries)
