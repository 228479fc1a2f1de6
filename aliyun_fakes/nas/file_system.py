"""One file system: its tree and bin, its job slot, and what the recycle-bin operations do to them.

The methods named like API actions are what both the API and a person's hands call; they raise the API's errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sortedcontainers import SortedKeyList

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.nas.entries import Listing, Node, recycled_below
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.job_behaviour import DurationModel, JobFault
from aliyun_fakes.nas.jobs import Job, JobSlot, related
from aliyun_fakes.nas.pages import Pager
from aliyun_fakes.nas.seeding import SeedableTree
from aliyun_fakes.nas.settings import DAY, JobType, NasSettings

KmsState = Literal["usable", "unauthorized", "not-enabled"]


@dataclass(frozen=True)
class Profile:
    """What DescribeFileSystems says of a file system and nothing here changes.

    Attributes:
        file_system_id: ten hex digits for General-purpose ones; other types have prefixed ids.
        file_system_type: ``standard`` is General-purpose, the only type with a recycle bin.
        protocol: NFS or SMB.
        storage_type: Capacity, Performance or Premium.
        encrypt_type: 0 none, 1 by NAS's own key, 2 by a KMS key.
    """

    file_system_id: str
    file_system_type: str = "standard"
    protocol: str = "NFS"
    storage_type: str = "Capacity"
    encrypt_type: int = 0
    kms_key_id: str = ""
    description: str = ""
    region: str = "cn-hangzhou"
    resource_group_id: str = "rg-acfmwavnfdf****"
    vpc_id: str = ""
    status: str = "Running"


@dataclass(frozen=True)
class Page:
    """One page of a listing: the nodes, and the token of the next one, "" at the end."""

    nodes: list[Node] = field(default_factory=list)
    next_token: str = ""


class FileSystem(SeedableTree):
    """A file system with a recycle bin.

    Args:
        profile: its fixed properties.
        settings: the switches.
        clock: time.
        reserved_days: retention, 1 to 180.
        bin_enabled: whether its bin is on.
        tags: of the file system.

    Attributes:
        tags: by key; change them freely.
        kms: whether its key can be used; listings and jobs fail when not.
        enabled_at: when the bin was last switched on; None if never.
        secondary_size, archive_size: bytes of colder data in the bin, as GetRecycleBinAttribute shows them.
        distortions: wire fields by FileId that listings show instead of the true ones, None to leave one out; for
            what a service ought not to send.
    """

    def __init__(
        self,
        profile: Profile,
        settings: NasSettings,
        clock: Clock,
        *,
        reserved_days: int,
        bin_enabled: bool,
        tags: dict[str, str],
    ) -> None:
        super().__init__(settings, clock, reserved_days=reserved_days, bin_enabled=bin_enabled)
        self.profile = profile
        self.tags = tags
        self.kms: KmsState = "usable"
        self.created_at = self.now()
        self.enabled_at = self.now() if bin_enabled else None
        self.secondary_size = self.archive_size = 0
        self.distortions: dict[str, dict[str, object]] = {}
        self.jobs = JobSlot(self)
        self._pager = Pager(settings)
        self._job_millis = 0

    @property
    def file_system_id(self) -> str:
        """Its FileSystemId."""
        return self.profile.file_system_id

    def settle(self) -> None:
        """Let everything happen that was due by now, in order: expiry and the ends of jobs."""
        now = self._clock.now()
        while (moment := self.jobs.next_change()) <= now:
            self._expire(moment)
            self.jobs.change(moment)
        self._expire(now)
        self.jobs.change(now)

    def _expire(self, until: float) -> None:
        for node in self.bin.expired(until):
            self.purge(node)

    # Figures for tests and benchmarks

    @property
    def durations(self) -> DurationModel:
        """How long jobs take; may be set at any time and holds for jobs from then on."""
        return self.jobs.durations

    @durations.setter
    def durations(self, durations: DurationModel) -> None:
        """See the property."""
        self.jobs.durations = durations

    @property
    def job_faults(self) -> list[JobFault]:
        """The schedule of jobs that end badly; append to it."""
        return self.jobs.faults

    @property
    def bin_size(self) -> int:
        """Bytes in the bin."""
        self.settle()
        return self.bin.size

    @property
    def bin_count(self) -> int:
        """Files and directories in the bin."""
        self.settle()
        return self.bin.entries

    @property
    def job_log(self) -> list[Job]:
        """Every job ever, oldest first."""
        self.settle()
        return self.jobs.log

    @property
    def jobs_created(self) -> int:
        """How many jobs there ever were."""
        return len(self.jobs.log)

    def busy_seconds(self, since: float = float("-inf"), until: float = float("inf")) -> float:
        """Seconds in which a job held the slot, within a span."""
        self.settle()
        now = self._clock.now()
        spans = ((max(job.start, since), min(now if job.end is None else job.end, until)) for job in self.jobs.log)
        return sum(max(0.0, end - start) for start, end in spans)

    # The bin

    def enable(self, reserved_days: int) -> None:
        """EnableRecycleBin.

        Raises:
            NasError: 403 OperationDenied.RecycleBinEnabled.
        """
        self.settle()
        if self.bin_enabled:
            raise NasError("OperationDenied.RecycleBinEnabled")
        self.bin_enabled, self.enabled_at = True, self.now()
        self.bin.set_reserved_days(reserved_days, self._clock.now())

    def disable(self) -> None:
        """DisableAndCleanRecycleBin: what is in the bin is gone at once, and a running job is Cancelled (assumed).

        Raises:
            NasError: 403 OperationDenied.RecycleBinDisabled.
        """
        self.settle()
        self._demand_bin()
        if self.jobs.holder is not None:
            self.jobs.cancel(self.jobs.holder, self._clock.now())
        self.empty_bin()
        self.bin_enabled = False

    def set_reserved_days(self, days: int) -> None:
        """UpdateRecycleBinAttribute.

        Raises:
            NasError: 403 OperationDenied.RecycleBinDisabled.
        """
        self.settle()
        self._demand_bin()
        self.bin.set_reserved_days(days, self._clock.now())

    # Listings

    def list_recent(self, token: str, limit: int) -> Page:
        """ListRecentlyRecycledDirectories: directories something was deleted from.

        Raises:
            NasError: InvalidParameter.InvalidNextToken, or the key's errors.
        """
        if not self._lists():
            return Page()
        directories = self.bin.recent
        if self.settings.recent_days is not None:
            oldest = self._clock.now() - self.settings.recent_days * DAY
            recent = (node for node in directories if last_delete(node) >= oldest)
            directories = SortedKeyList(recent, key=directories.key)
        return self._page(directories, token, limit, f"{self.file_system_id}/recent")

    def list_recycled(self, file_id: str, token: str, limit: int) -> Page:
        """ListRecycledDirectoriesAndFiles: what was deleted from a directory.

        Raises:
            NasError: InvalidFileId.NotFound, InvalidParameter.InvalidNextToken, or the key's errors.
        """
        if not self._lists():
            return Page()
        node = self.node(file_id)
        if node is None:
            raise NasError("InvalidFileId.NotFound", FileId=file_id)
        members = self._listing(node)
        if members is None:
            raise NasError("InvalidFileId.NotFound", FileId=file_id)
        return self._page(members, token, limit, f"{self.file_system_id}/{file_id}")

    def _listing(self, node: Node) -> Listing | None:
        """What a listing of a node shows; None if there is no such directory for it."""
        nothing: Listing = SortedKeyList(key=self.bin.entry_key)
        if node.directory is None:
            return nothing if self.settings.listed_file == "empty" else None
        how = "works" if node.is_live else self.settings.recycled_directory_listing
        if how in ("not-found", "empty"):
            return nothing if how == "empty" else None
        if self.settings.recycled_directory_listing == "recursive":
            return SortedKeyList(recycled_below(node), key=self.bin.entry_key)
        return node.directory.recycled or nothing

    def _lists(self) -> bool:
        """Whether there is a bin to list; refuses what the switch refuses."""
        self.settle()
        self._demand_key()
        if not self.bin_enabled and self.settings.list_while_disabled == "refused":
            raise NasError("OperationDenied.RecycleBinDisabled")
        return self.bin_enabled

    def _page(self, members: Listing, token: str, limit: int, scope: str) -> Page:
        now, changes = self._clock.now(), self.bin.changes
        place = self._pager.place_in(token, scope, now, changes)
        nodes, following = self._pager.page(members, place, limit)
        return Page(nodes, self._pager.token(scope, following, now, changes) if following else "")

    # Jobs

    def admit(self, kind: JobType) -> None:
        """Checks that come before a job's object is looked at.

        Raises:
            NasError: OperationDenied.RecycleBinDisabled, or the key's errors.
        """
        self.settle()
        self._demand_key()
        if kind == "Restore" or self.settings.delete_while_disabled == "refused":
            self._demand_bin()

    def delete_job(self, file_id: str, *, job_id: str | None = None) -> Job:
        """CreateRecycleBinDeleteJob, by the API or by a person in the console.

        Raises:
            NasError: InvalidFileId.NotFound, OperationDenied.Conflict or .TooManyRunningJobs, and those of `admit`.
        """
        self.admit("Delete")
        node = self.node(file_id)
        live_allowed = self.settings.live_file_id == "purges-contents"
        if node is None or (node.is_live and not (live_allowed and node.directory is not None)):
            raise NasError("InvalidFileId.NotFound", FileId=file_id)
        return self._start("Delete", node, None, job_id)

    def restore_job(self, file_id: str, target_file_id: str = "2", *, job_id: str | None = None) -> Job:
        """CreateRecycleBinRestoreJob, by the API or by a person in the console.

        Raises:
            NasError: as `delete_job`, and InvalidTargetFileId.NotFound or .NotDirectory.
        """
        self.admit("Restore")
        node, target = self.node(file_id), self.node(target_file_id)
        if node is None or node.is_live:
            raise NasError("InvalidFileId.NotFound", FileId=file_id)
        if target is None or not target.is_live:
            raise NasError("InvalidTargetFileId.NotFound", TargetFileId=target_file_id)
        if target.directory is None:
            raise NasError("InvalidTargetFileId.NotDirectory", TargetFileId=target_file_id)
        return self._start("Restore", node, target, job_id)

    def cancel_job(self, job_id: str) -> None:
        """CancelRecycleBinJob for a job of this file system; nothing happens if it is not Running.

        Raises:
            NasError: OperationDenied.Conflict, if the switch has it so.
            KeyError: it never had such a job.
        """
        self.settle()
        job = next((job for job in reversed(self.jobs.log) if job.id == job_id), None)
        if job is None:
            raise KeyError(f"file system {self.file_system_id} has no job {job_id!r}")
        if not self.jobs.cancel(job, self._clock.now()) and self.settings.cancel_finished == "conflict":
            raise NasError("OperationDenied.Conflict", JobId=job_id)

    def recent_jobs(self) -> Iterator[Job]:
        """The jobs that can still be queried, in the order they are listed."""
        self.settle()
        newest = self.jobs.log[-self.settings.history_length :]
        return reversed(newest) if self.settings.history_order == "newest-first" else iter(newest)

    def _start(self, kind: JobType, node: Node, target: Node | None, job_id: str | None) -> Job:
        holder = self.jobs.holder
        if holder is not None:
            if self.settings.overlapping_job == "conflict" and related(holder.node, node):
                raise NasError("OperationDenied.Conflict", JobId=holder.id)
            raise NasError("OperationDenied.TooManyRunningJobs")
        now = self._clock.now()
        return self.jobs.start(kind, node, target, job_id or self.new_job_id(), now)

    def new_job_id(self) -> str:
        """An id in the shape the pages show: file system, then milliseconds; opaque all the same."""
        self._job_millis = max(int(self._clock.now() * 1000), self._job_millis + 1)
        return f"rb-{self.file_system_id}-r-{self._job_millis}"

    def _demand_bin(self) -> None:
        if not self.bin_enabled:
            raise NasError("OperationDenied.RecycleBinDisabled")

    def _demand_key(self) -> None:
        if self.kms == "unauthorized":
            raise NasError("InvalidParameter.KMSKeyId.KMSUnauthorized")
        if self.kms == "not-enabled":
            raise NasError("InvalidParameter.KMSKeyId.CMKNotEnabled")


def last_delete(node: Node) -> int:
    """When something was last deleted from a directory; for one that was empty, when it was deleted itself."""
    inside = node.directory.last_delete if node.directory is not None else 0
    return inside or node.deleted_at or 0
