"""How long the jobs of a file system take, and which of them end badly; tests and demos set both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aliyun_fakes.nas.entries import BinEntry


@dataclass(frozen=True)
class DurationModel:
    """How long a job takes (assumed: nothing is published), in seconds.

    Attributes:
        base: for any job.
        per_entry: for each file and directory of its subtree.
        per_byte: for each byte of its subtree.
        of_entry: an extra for the job's object, by whatever rule a test wants.
    """

    base: float = 2.0
    per_entry: float = 0.0
    per_byte: float = 0.0
    of_entry: Callable[[BinEntry], float] | None = None

    def seconds(self, entry: BinEntry, entries: int, size: int) -> float:
        """The time for a job on `entry` whose subtree has this many entries and bytes."""
        extra = self.of_entry(entry) if self.of_entry is not None else 0.0
        return self.base + self.per_entry * entries + self.per_byte * size + extra


@dataclass(frozen=True)
class JobFault:
    """A job that ends badly.

    Attributes:
        status: how it ends.
        nth: strikes the file system's n-th job, counted from 1; None strikes by the other fields alone.
        file_id: strikes jobs on this object; None any.
        times: how many jobs it strikes.
        removes_share: how much of the subtree is processed all the same, 0 to 1.
        error_code: of the job (its values are not published; this one is assumed).
        error_message: of the job.
    """

    status: Literal["Fail", "PartialSuccess"] = "Fail"
    nth: int | None = None
    file_id: str | None = None
    times: int = 1
    removes_share: float = 0.0
    error_code: str = "InternalError"
    error_message: str = "The job ended because of an internal error."

    def strikes(self, number: int, file_id: str) -> bool:
        """Whether it is meant for the file system's `number`-th job, on this object."""
        return self.nth in (None, number) and self.file_id in (None, file_id)
