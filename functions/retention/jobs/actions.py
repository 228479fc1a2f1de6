"""What `slot.Slot` answers with: the next thing to do, and the job it believes to run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Submit:
    """Create the next job."""


@dataclass(frozen=True, slots=True)
class Search:
    """Walk on: there is time to find the next target."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Read the job list."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Sleep until a moment."""

    until: float


@dataclass(frozen=True, slots=True)
class HandOver:
    """Send the continuation with a delay in seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left and nothing runs."""


Action = Submit | Search | Poll | Wait | HandOver | Finished


@dataclass(slots=True)
class ActiveJob:
    """The job in the slot.

    Attributes:
        job_id: the service's id of it.
        entries: entries it deletes; 0 when it is not ours.
        started_at: when it was created, epoch seconds.
        ends_at: when it should end.
        busy_at: the newest moment it was known to run.
        earliest: when it may be over at the earliest; it is looked at then. Past: it is not to be looked at.
        progress_known: its progress said when it ends.
    """

    job_id: str
    entries: int
    started_at: float
    ends_at: float
    busy_at: float
    earliest: float = 0.0
    progress_known: bool = False
