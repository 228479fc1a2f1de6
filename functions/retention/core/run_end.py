"""Why a run ends: one table of reasons, used in records and answers."""

from collections.abc import Mapping
from dataclasses import dataclass

REASONS: Mapping[str, str] = {
    "completed": "everything the run selected was dealt with; a dry run ends so with its survey",
    "limits-exceeded": "the survey found more than the guardrails let one run take; nothing was deleted",
    "policy-changed": "the deployed policies are not those the run began under",
    "stopped-by-person": "a person cancelled a deletion job; the file system rests for an hour",
    "resting": "a person stopped a run on this file system less than an hour ago",
    "cancelled": "a person cancelled the run by the console",
    "held": "the file system carries the hold tag",
    "tags-unreadable": "the file system's tags cannot be read, so the hold tag may be set",
    "paused": "guardrails.pause is set",
    "window-closed": "outside the hours of guardrails.window",
    "superseded": "another enforcing run works on this file system",
    "canary-failed": "the first jobs did not do what they were for, as the policy's canary found",
    "too-many-failures": "too many targets failed, in a row or in all",
    "clock-skew": "our clock and the service's differ too much to tell ages",
    "bin-disabled": "the recycle bin is off",
    "lists-recursively": "an entry was listed below two directories, so paths cannot be trusted",
    "not-allowed": "the file system is not in guardrails.file_systems, or no policy applies to it",
    "expired": "the run took longer than a run may",
    "standstill": "what has to be listed again after a hand-over took whole slices, so the run came no further",
    "too-many-slices": "the run handed over more often than a run may",
    "refused": "NAS refused for good: a permission, a key, a parameter",
    "failed": "the same slice failed again and again; its message is in the dead-letter queue",
}


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run's end.

    Attributes:
        reason: one of `REASONS`.
        detail: a sentence for a person.
    """

    reason: str
    detail: str = ""

    def shortened(self, length: int) -> "RunEnd":
        """The same with so many bytes of the detail at most."""
        return RunEnd(self.reason, self.detail.encode("utf-8", "backslashreplace")[:length].decode("utf-8", "ignore"))


class RunOver(Exception):
    """The run has to end now.

    Args:
        stop: why.
    """

    def __init__(self, stop: RunEnd) -> None:
        super().__init__(stop.reason)
        self.stop = stop
