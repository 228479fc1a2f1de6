"""The recycle bin of one file system, as the core sees it: values, and the protocol an adapter satisfies.

`nas.py` satisfies `RecycleBin` over the official SDK. `DryRunBin` wraps any of them and refuses whatever
changes something, so a dry run is safe by construction and not by an ``if``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, Protocol

from functions.retention.core.entry import Entry
from functions.retention.core.errors import MutationRefused
from functions.retention.core.job import Job

ROOT_ID = "2"
"""FileId of the root directory of every file system (documented: SDK 3.7.4 and later)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a directory's recycled entries.

    Attributes:
        entries: in the service's order.
        next_token: pass it to get the next page; empty at the end.
        listed_at: our clock's time when the page was asked for, epoch seconds.
    """

    entries: list[Entry]
    next_token: str
    listed_at: float


class RecentDirectory(NamedTuple):
    """A directory in which something was deleted; live or recycled itself.

    Inferred: older pages of ListRecentlyRecycledDirectories say that it was deleted itself, the text of SDK 3.6.1 and
    later that something in it was, and CreateRecycleBinRestoreJob takes its id as a target, which has to be live.
    """

    file_id: str
    path: str


@dataclass(frozen=True, slots=True)
class BinAttributes:
    """What GetRecycleBinAttribute says.

    Attributes:
        enabled: whether the recycle bin is on.
        reserved_days: days an entry stays before it expires by itself; 0 when the bin is off.
        size: ``Size``, bytes held in the bin; None when it is missing or no number of bytes.
        colder: ``SecondarySize`` and ``ArchiveSize`` together, bytes, as far as the reply has them. Whether ``Size``
            includes them is not documented.
        service_time: the reply's ``Date``, by the service's clock, epoch seconds; None when the reply has none.
    """

    enabled: bool
    reserved_days: int
    size: int | None
    colder: int = 0
    service_time: float | None = None

    @property
    def all_bytes(self) -> int | None:
        """Bytes held in the bin with the colder storage classes, at most; None when the reply does not tell."""
        return None if self.size is None else self.size + self.colder


@dataclass(frozen=True, slots=True)
class JobList:
    """What ListRecycleBinJobs says: the newest jobs of a file system, whoever made them.

    Attributes:
        newest: at most 50 jobs, newest first by CreateTime.
        service_time: the reply's ``Date``, by the service's clock, epoch seconds.
        asked_at: when the request was sent, by our clock; what happened later may be missing.
    """

    newest: list[Job]
    service_time: float
    asked_at: float

    @property
    def active(self) -> Job | None:
        """The job that holds the slot of the file system."""
        return next((job for job in self.newest if job.is_active), None)

    def ahead_of(self, now: float) -> float:
        """Seconds by which the service's clock is ahead of ours, which says `now` (epoch seconds)."""
        return self.service_time - now


class RecycleBin(Protocol):
    """One file system's recycle bin. Every method raises `CloudError` (see errors.py) after its own retries."""

    @property
    def file_system_id(self) -> str:
        """The file system this bin belongs to."""

    def attributes(self) -> BinAttributes:
        """GetRecycleBinAttribute."""

    def tags(self) -> Mapping[str, str]:
        """The file system's tags (ListTagResources)."""

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """One page of ListRecentlyRecycledDirectories and the next token, empty at the end."""

    def page(self, file_id: str, token: str = "") -> Page:
        """One page of ListRecycledDirectoriesAndFiles for a directory. Raises `NotFound`, `StaleToken`."""

    def jobs(self) -> JobList:
        """The newest 50 jobs (ListRecycleBinJobs). Raises `NoAnswer` for a reply without a ``Date``."""

    def job(self, job_id: str) -> Job:
        """One job, also when the list does not show it. Raises `NotFound` when the service does not know it any more.

        Unknown: whether the service still finds a job that 50 newer ones follow.
        """

    def delete(self, file_id: str, client_token: str, *, before: float) -> str:
        """CreateRecycleBinDeleteJob, sent once and not after `before` (epoch seconds); the job id.

        Raises `SlotBusy`, `NotFound`, `Throttled` (not done), `NoAnswer` (the job may exist).
        """

    def cancel(self, job_id: str) -> None:
        """CancelRecycleBinJob. What is deleted stays deleted (documented)."""


class DryRunBin:
    """A recycle bin that can be looked at and not touched."""

    def __init__(self, recycle_bin: RecycleBin) -> None:
        self._bin = recycle_bin

    @property
    def file_system_id(self) -> str:
        """See `RecycleBin`."""
        return self._bin.file_system_id

    def attributes(self) -> BinAttributes:
        """See `RecycleBin`."""
        return self._bin.attributes()

    def tags(self) -> Mapping[str, str]:
        """See `RecycleBin`."""
        return self._bin.tags()

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """See `RecycleBin`."""
        return self._bin.recent_directories(token)

    def page(self, file_id: str, token: str = "") -> Page:
        """See `RecycleBin`."""
        return self._bin.page(file_id, token)

    def jobs(self) -> JobList:
        """See `RecycleBin`."""
        return self._bin.jobs()

    def job(self, job_id: str) -> Job:
        """See `RecycleBin`."""
        return self._bin.job(job_id)

    def delete(self, file_id: str, client_token: str, *, before: float) -> NoReturn:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            MutationRefused: always.
        """
        raise MutationRefused("CreateRecycleBinDeleteJob", "DryRun", f"entry {file_id} is only looked at in a dry run")

    def cancel(self, job_id: str) -> NoReturn:
        """Refuse.

        Raises:
            MutationRefused: always.
        """
        raise MutationRefused("CancelRecycleBinJob", "DryRun", f"job {job_id} is not touched by a dry run")


class Listings(Protocol):
    """What a walk needs of a `recycle_bin.RecycleBin`."""

    def page(self, file_id: str, token: str = "") -> Page:
        """One page of a directory's recycled entries. Raises `NotFound`, `StaleToken`."""


@dataclass(frozen=True, slots=True)
class FileSystemState:
    """What a slice learns of its file system before it walks.

    Attributes:
        attributes: of the recycle bin.
        tags: of the file system.
        service_time: when the attributes were read by the service's clock, epoch seconds.
    """

    attributes: BinAttributes
    tags: Mapping[str, str]
    service_time: float
