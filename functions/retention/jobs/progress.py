"""How far a run came with its jobs, and what it learnt of them: the values that a message carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

Moment = Annotated[float, Field(ge=0, le=253_402_300_799, strict=True)]
"""Epoch seconds within the calendar."""

Seconds = Annotated[float, Field(ge=0, le=1e9, strict=True)]

Count = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run did so far.

    Attributes:
        jobs: targets for which a deletion job was created, as far as this chain of slices knows.
        size: bytes of the targets whose jobs succeeded, without those of unknown size.
        unknown: those of unknown size.
        entries: entries of those targets.
        succeeded: jobs that ended well.
        failed: targets given up.
        failed_in_row: the newest failures without a success between.
        left: entries of the targets given up or left alone.
        deferred: targets that failed before and are tried again in a later walk.
        unretried: targets whose jobs failed and that no slice had the time to try again.
        recounts: times the survey began anew because something failed that may be tried again.
        walk_began: when the walk began, epoch seconds; 0 in the first one.
        walks: purge walks finished.
        canary_passed: the first jobs were verified.
        others_at: when somebody else's job or a restore was seen last that came after the survey began, epoch seconds;
            None when none was seen. Only runs with a capacity rule look.
        list_calls: listings made in all walks.
        stuck: slices in a row without progress; see `standstill`.
        silent_since: since when NAS gives no answer at all, epoch seconds; 0 while it does.
        silences: slices in a row that got no answer.
        skipped: targets left alone, by reason.
    """

    jobs: Count = 0
    size: Count = 0
    unknown: Count = 0
    entries: Count = 0
    succeeded: Count = 0
    failed: Count = 0
    failed_in_row: Count = 0
    left: Count = 0
    deferred: Count = 0
    unretried: Count = 0
    recounts: Count = 0
    walk_began: Moment = 0.0
    walks: Count = 0
    list_calls: Count = 0
    stuck: Count = 0
    silent_since: Moment = 0.0
    silences: Count = 0
    canary_passed: bool = False
    others_at: Moment | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        """Jobs that ended, and targets that were given up or left for later."""
        return self.succeeded + self.failed + self.unretried + self.deferred


@dataclass(frozen=True, slots=True)
class RunningJob:
    """The job that was running at the hand-over.

    Attributes:
        job_id: its id.
        file_id: the entry it deletes.
        delete_time: that entry's DeleteTime.
        client_token: its idempotency token, by which its outcome is found.
        size: bytes that go with it; None when they are not known.
        entries: entries that go with it.
        directory_id: id of the directory whose listing shows the entry; "" when it is not known.
        started_at: when we made it, epoch seconds.
        ends_at: when it is thought to end, epoch seconds.
    """

    job_id: str
    file_id: str
    delete_time: str
    client_token: str
    size: Count | None
    entries: Count
    started_at: Moment
    ends_at: Moment
    directory_id: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """What was learnt about this file system's jobs.

    Attributes:
        per_job: seconds a job takes however small.
        per_entry: seconds every further entry adds.
        search: seconds it takes to find a target.
        confidence: share of the time it should take that a job takes at least.
    """

    per_job: Seconds = 1.0
    per_entry: Seconds = 0.001
    search: Seconds = 0.0
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5

    def seconds(self, entries: int) -> float:
        """How long a job for so many entries should take."""
        return self.per_job + self.per_entry * max(entries - 1, 0)
