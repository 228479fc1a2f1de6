"""Why a run ends: one list of reasons, used in records, messages and answers."""

from dataclasses import dataclass
from enum import Enum


class EndReason(str, Enum):
    """A reason for which a run ends. As text and as JSON it is its value.

    Attributes:
        meaning: a sentence for a person.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "EndReason":  # noqa: PYI034 - typing has no Self before Python 3.11
        """A reason with its meaning."""
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.meaning = meaning
        return reason

    COMPLETED = "completed", "everything the run selected was dealt with; a dry run ends so with its survey"
    LIMITS_EXCEEDED = (
        "limits-exceeded",
        "the survey found more than the guardrails let one run take; nothing was deleted",
    )
    POLICY_CHANGED = (
        "policy-changed",
        "the policies, or what follows from the file system's tags, are not those the run began under",
    )
    POLICIES_DIFFER = (
        "policies-differ",
        "the file system's tags let more be deleted than a while ago, so the run only surveyed",
    )
    UNUSUAL = (
        "unusual",
        "the survey selects far more than is usual on the file system; nothing was deleted",
    )
    STOPPED_BY_PERSON = (
        "stopped-by-person",
        "a person cancelled a deletion job; the file system rests for an hour",
    )
    RESTING = "resting", "a person stopped a run on this file system less than an hour ago"
    CANCELLED = "cancelled", "a person cancelled the run by the console"
    HELD = "held", "the file system carries the hold tag"
    TAGS_UNREADABLE = "tags-unreadable", "the file system's tags cannot be read, so the hold tag may be set"
    PROTECT_TAG_UNREADABLE = (
        "protect-tag-unreadable",
        "the tag nas-retention-protect is not a list of path globs, so everything on the file system is kept",
    )
    PAUSED = "paused", "guardrails.pause is set"
    WINDOW_CLOSED = "window-closed", "outside the hours of guardrails.window"
    SUPERSEDED = "superseded", "another enforcing run works on this file system"
    CANARY_FAILED = "canary-failed", "the first jobs did not do what they were for, as the policy's canary found"
    TOO_MANY_FAILURES = "too-many-failures", "too many targets failed, in a row or in all"
    CLOCK_SKEW = "clock-skew", "our clock and the service's differ too much to tell ages"
    BIN_DISABLED = "bin-disabled", "the recycle bin is off"
    LISTS_RECURSIVELY = "lists-recursively", "an entry was listed below two directories, so paths cannot be trusted"
    NOT_ALLOWED = "not-allowed", "the file system is not in guardrails.file_systems, or no policy applies to it"
    SELECTION_LOST = (
        "selection-lost",
        "the log does not show the run's set of targets unchanged, so nobody knows what the run may take",
    )
    EXPIRED = "expired", "the run took longer than a run may"
    STANDSTILL = (
        "standstill",
        "what has to be listed again after a hand-over took whole slices, so the run came no further",
    )
    TOO_MANY_SLICES = "too-many-slices", "the run handed over more often than a run may"
    REFUSED = "refused", "NAS refused for good: a permission, a key, a parameter"
    FAILED = "failed", "the same slice failed again and again; its message is in the dead-letter queue"

    def __str__(self) -> str:
        """The value. Without this, Python 3.12 formats members differently than Python 3.10."""
        return str.__str__(self)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run's end.

    Attributes:
        reason: why.
        detail: a sentence for a person.
    """

    reason: EndReason
    detail: str = ""

    def shortened(self, length: int) -> "RunEnd":
        """The same with so many bytes of the detail at most."""
        return RunEnd(self.reason, self.detail.encode("utf-8", "backslashreplace")[:length].decode("utf-8", "ignore"))


class RunOver(Exception):
    """The run has to end: the only way to say so, from wherever it is found.

    Args:
        reason: why.
        detail: a sentence for a person.

    Attributes:
        end: both.
    """

    def __init__(self, reason: EndReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.end = RunEnd(reason, detail)


def end_if(end: RunEnd | None) -> None:
    """Go on when there is no end.

    Raises:
        RunOver: there is one.
    """
    if end is not None:
        raise RunOver(end.reason, end.detail)
