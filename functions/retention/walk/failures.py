"""What a walk and a purge ask about things that fail, and whom they tell of a failure.

A directory fails when it cannot be listed, an entry when no job can be had for it or its jobs fail. What fails stays,
with all that is in it, and the run goes on with everything else.
"""

from typing import NamedTuple, Protocol

from functions.retention.core import CloudError, NoAnswer, Refused


class Failure(NamedTuple):
    """Why no job can be had for an entry, or why its jobs fail.

    Attributes:
        code: of the error.
        detail: a sentence.
        request_id: the service's id of the request; "" when it is not known.
    """

    code: str
    detail: str
    request_id: str = ""


class Failures(Protocol):
    """What is known of things that fail."""

    def may_list(self, file_id: str) -> bool:
        """Whether a directory is listed now; one that failed is left out until its next try is due."""

    def listed(self, file_id: str) -> None:
        """A directory's listing answered."""

    def cannot_list(self, file_id: str, path: str, error: CloudError) -> None:
        """A directory's listing failed; raises the error when nobody keeps account of it."""

    def may_delete(self, file_id: str) -> bool:
        """Whether a job is asked for now; an entry that failed is left out until its next try is due."""

    def is_done_with(self, file_id: str) -> bool:
        """Whether this run set an entry aside, so that it tries it no more."""

    def has_job(self, file_id: str) -> None:
        """A job was made for an entry."""

    def cannot_delete(self, file_id: str, path: str, failure: Failure, *, for_now: bool) -> bool:
        """An entry failed; `for_now` if another try may do. Returns whether it is set aside."""


class NotCounted:
    """Failures where nobody keeps account of them; satisfies `Failures`."""

    def may_list(self, file_id: str) -> bool:  # noqa: ARG002 - nothing is known of it
        """See `Failures`."""
        return True

    def listed(self, file_id: str) -> None:
        """See `Failures`."""

    def cannot_list(self, file_id: str, path: str, error: CloudError) -> None:  # noqa: ARG002 - see `Failures`
        """See `Failures`."""
        if isinstance(error, NoAnswer | Refused):
            raise error

    def may_delete(self, file_id: str) -> bool:  # noqa: ARG002 - nothing is known of it
        """See `Failures`."""
        return True

    def is_done_with(self, file_id: str) -> bool:  # noqa: ARG002 - nothing is known of it
        """See `Failures`."""
        return False

    def has_job(self, file_id: str) -> None:
        """See `Failures`."""

    def cannot_delete(self, file_id: str, path: str, failure: Failure, *, for_now: bool) -> bool:  # noqa: ARG002 - as above
        """See `Failures`."""
        return not for_now
