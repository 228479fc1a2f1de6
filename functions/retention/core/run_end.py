"""Why a run ends: one list of reasons, used in records, messages, answers, alerts, exit codes and docs."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Deleted(str, Enum):
    """How much of what was due a run that ends so has deleted. The end's counts tell exactly."""

    ALL = "all"
    SOME = "some or nothing"
    NOTHING = "nothing"


class Cause(str, Enum):
    """Whether an end is what the settings or a person wanted, or whether something is wrong."""

    DESIGN = "design"
    TROUBLE = "trouble"


class _Kind(NamedTuple):
    """What ends have in common; see `EndReason`."""

    deleted: Deleted
    cause: Cause
    alarm: str = ""


_DONE = _Kind(Deleted.ALL, Cause.DESIGN)
_AS_WANTED = _Kind(Deleted.SOME, Cause.DESIGN)
_TROUBLE = _Kind(Deleted.SOME, Cause.TROUBLE, "refused")
_NOTHING_DONE = _Kind(Deleted.NOTHING, Cause.TROUBLE, "refused")
_GUARDED = _Kind(Deleted.NOTHING, Cause.DESIGN, "refused")
_TAGS_GUARDED = _Kind(Deleted.NOTHING, Cause.DESIGN, "policies-differ")


class EndReason(str, Enum):
    """A reason for which a run ends. As text and as JSON it is its value.

    Attributes:
        meaning: a sentence for a person.
        deleted: how much was deleted.
        cause: by design or by trouble.
        exit_code: of a command that waits for such a run; see `ops.exit_codes`.
        alarm: name of the alert that tells of it; "" when none does.
        remedy: what a person does.
    """

    meaning: str
    deleted: Deleted
    cause: Cause
    exit_code: int
    alarm: str
    remedy: str

    def __new__(  # noqa: PYI034 - typing has no Self before Python 3.11
        cls, value: str, kind: _Kind, exit_code: int, meaning: str, remedy: str
    ) -> "EndReason":
        """A reason with what is known of it."""
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.exit_code, reason.meaning, reason.remedy = exit_code, meaning, remedy
        reason.deleted, reason.cause, reason.alarm = kind
        return reason

    COMPLETED = (
        "completed",
        _DONE,
        0,
        "everything the run selected was dealt with; a dry run ends so with its survey",
        "nothing",
    )
    PARTIAL = (
        "partial",
        _TROUBLE,
        3,
        "something was set aside or its jobs failed; everything else the run selected was dealt with",
        "look at the records `set-aside` and `skipped` of the run; each names the path and the error",
    )
    ALL_FAILED = (
        "all-failed",
        _NOTHING_DONE,
        4,
        "no job of the run succeeded",
        "look at the errors in the records `outcome` and `skipped`; ask the vendor's support with the request ids",
    )
    LIMITS_EXCEEDED = (
        "limits-exceeded",
        _GUARDED,
        4,
        "the survey found more than the guardrails let one run take; nothing was deleted",
        "make a plan with a narrower request, or raise the limit that the detail names",
    )
    POLICY_CHANGED = (
        "policy-changed",
        _AS_WANTED,
        3,
        "the policies, or what follows from the file system's tags, are not those the run began under",
        "nothing; the next sweep begins under the new policies",
    )
    POLICIES_DIFFER = (
        "policies-differ",
        _TAGS_GUARDED,
        4,
        "the file system's tags let more be deleted than a while ago, so the run only surveyed",
        "find out who changed the tags",
    )
    UNUSUAL = (
        "unusual",
        _GUARDED,
        4,
        "the survey selects far more than is usual on the file system; nothing was deleted",
        "look at the plan, and purge by its id when it is right",
    )
    STOPPED_BY_PERSON = (
        "stopped-by-person",
        _AS_WANTED,
        3,
        "a person cancelled a deletion job; the file system rests for an hour",
        "nothing; `ops resume` ends the hour early",
    )
    RESTING = (
        "resting",
        _AS_WANTED,
        4,
        "a person stopped a run on this file system less than an hour ago",
        "wait, or `ops resume`",
    )
    CANCELLED = (
        "cancelled",
        _AS_WANTED,
        3,
        "a person cancelled the run by the console",
        "nothing",
    )
    HELD = (
        "held",
        _AS_WANTED,
        4,
        "the file system carries the hold tag",
        "when it may go on: remove the tag, or `ops resume`",
    )
    TAGS_UNREADABLE = (
        "tags-unreadable",
        _TROUBLE,
        4,
        "the file system's tags cannot be read, so the hold tag may be set",
        "allow nas:ListTagResources on the file system",
    )
    PROTECT_TAG_UNREADABLE = (
        "protect-tag-unreadable",
        _TROUBLE,
        4,
        "the tag nas-retention-protect is not a list of path globs, so everything on the file system is kept",
        "correct the tag nas-retention-protect on the file system",
    )
    PAUSED = (
        "paused",
        _AS_WANTED,
        4,
        "guardrails.pause is set",
        "when it may go on: set guardrails.pause to false and deploy",
    )
    WINDOW_CLOSED = (
        "window-closed",
        _AS_WANTED,
        3,
        "outside the hours of guardrails.window",
        "nothing; a later sweep goes on within the window",
    )
    SUPERSEDED = (
        "superseded",
        _AS_WANTED,
        3,
        "another enforcing run works on this file system",
        "nothing; the other run does the work",
    )
    CANARY_FAILED = (
        "canary-failed",
        _TROUBLE,
        3,
        "the first jobs did not do what they were for, as the policy's canary found",
        "look at the outcomes of the run's first jobs before the next run",
    )
    TOO_MANY_FAILURES = (
        "too-many-failures",
        _TROUBLE,
        3,
        "too many targets failed, in a row or in all",
        "look at the errors in the records `outcome` and `skipped`",
    )
    CLOCK_SKEW = (
        "clock-skew",
        _TROUBLE,
        4,
        "our clock and the service's differ too much to tell ages",
        "try again later; if it lasts, ask the vendor's support",
    )
    BIN_DISABLED = (
        "bin-disabled",
        _TROUBLE,
        4,
        "the recycle bin is off",
        "switch the recycle bin on in the NAS console; what was deleted while it was off is gone",
    )
    LISTS_RECURSIVELY = (
        "lists-recursively",
        _TROUBLE,
        4,
        "an entry was listed below two directories, so paths cannot be trusted",
        "set the policies to dry run and report it; the listings are not as documented",
    )
    NOT_ALLOWED = (
        "not-allowed",
        _TROUBLE,
        4,
        "the file system is not in guardrails.file_systems, or no policy applies to it",
        "correct guardrails.file_systems, or the region",
    )
    SELECTION_LOST = (
        "selection-lost",
        _TROUBLE,
        4,
        "the log does not show the run's set of targets unchanged, so nobody knows what the run may take",
        "make a new plan; look whether somebody changed the logstore or its retention",
    )
    BIN_CHANGED = (
        "bin-changed",
        _AS_WANTED,
        3,
        "somebody else restored or deleted something since the survey, so a policy with keep_bin_below takes no more",
        "nothing; the next sweep counts again",
    )
    EXPIRED = (
        "expired",
        _TROUBLE,
        3,
        "the run took longer than a run may",
        "nothing for once; if it repeats, widen the window or delete by directory",
    )
    ROOT_NOT_FOUND = (
        "root-not-found",
        _TROUBLE,
        4,
        "the listing of the recycle bin's root answers that there is none",
        "look at the bin in the NAS console; if it shows entries, ask the vendor's support with the request id",
    )
    LISTING_LOST = (
        "listing-lost",
        _TROUBLE,
        3,
        "a listing that answered before answers now that there is none",
        "nothing for once; if it repeats, ask the vendor's support with the request id",
    )
    TOKENS_DIE = (
        "tokens-die",
        _TROUBLE,
        3,
        "the page tokens of the bin's root die again and again, so nobody knows what is behind them",
        "nothing for once; if it repeats, ask the vendor's support with the request id",
    )
    NOTHING_LISTED = (
        "nothing-listed",
        _NOTHING_DONE,
        4,
        "the survey listed nothing, although the service says that the bin holds more than 1 GiB",
        "compare with the bin in the NAS console; the listings may reach only a few days back",
    )
    SERVICE_UNAVAILABLE = (
        "service-unavailable",
        _TROUBLE,
        5,
        "NAS answered nothing usable for six hours",
        "look at the vendor's status page; the next sweep begins anew",
    )
    STANDSTILL = (
        "standstill",
        _TROUBLE,
        3,
        "slice after slice read no new listing and ended no job, so the run came no further",
        "look at the run's records; a directory of very many pages needs a slice of its own",
    )
    TOO_MANY_SLICES = (
        "too-many-slices",
        _TROUBLE,
        3,
        "the run handed over more often than a run may",
        "nothing for once; if it repeats, delete by directory",
    )
    REFUSED = (
        "refused",
        _TROUBLE,
        4,
        "NAS refused for good: a permission, a key, a parameter",
        "correct the permission or parameter that the detail names; `ops doctor` checks them",
    )
    FAILED = (
        "failed",
        _TROUBLE,
        5,
        "the same slice failed again and again; its message is in the dead-letter queue",
        "`ops dlq list` shows the message and the error",
    )

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
