"""State and behaviour of the fake NAS of one account and region: its file systems."""

from collections.abc import Mapping

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.gateway import GatewayError
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.file_system import FileSystem, Profile
from aliyun_fakes.nas.jobs import Job
from aliyun_fakes.nas.parameters import RESERVED_DAYS
from aliyun_fakes.nas.settings import NasSettings
from aliyun_fakes.nas.tokens import ClientTokens

GENERAL_PURPOSE = "standard"
_ID_DIGITS = 10
_MINUTE = 60


class NasModel:
    """All file systems.

    Args:
        clock: time.
        ids: file system ids, request ids.
        settings: of the service and of the file systems made from now on.
        region: the one region served.

    Attributes:
        settings: replace the whole to change one; file systems keep those they were made with, but for what the
            service as a whole does: ranges, client tokens, tags, pages of tags, throttling and latencies.
        file_systems: by id, in order of creation.
    """

    def __init__(
        self, clock: Clock, ids: Ids, settings: NasSettings | None = None, *, region: str = "cn-hangzhou"
    ) -> None:
        self.clock, self.ids, self.region = clock, ids, region
        self.settings = settings or NasSettings()
        self.file_systems: dict[str, FileSystem] = {}
        self._tokens = ClientTokens(clock)
        self._calls: dict[str, tuple[int, int]] = {}

    def create_file_system(
        self,
        file_system_id: str | None = None,
        *,
        reserved_days: int = 180,
        bin_enabled: bool = True,
        tags: Mapping[str, str] | None = None,
        settings: NasSettings | None = None,
        profile: Profile | None = None,
    ) -> FileSystem:
        """A new file system.

        Args:
            file_system_id: ten hex digits by seed when omitted.
            reserved_days: retention of the bin; by default the longest, so that nothing expires unasked.
            bin_enabled: whether the bin is on.
            tags: of the file system.
            settings: switches of this one; the model's when omitted.
            profile: its other properties; General-purpose when omitted. Its id is used if none is given beside it.

        Raises:
            ValueError: there is one with that id, or the retention is not 1 to 180 days.
        """
        if not RESERVED_DAYS.low <= reserved_days <= RESERVED_DAYS.high:
            raise ValueError(f"reserved_days is {reserved_days}: 1 to 180 are allowed")
        profile = profile or Profile(file_system_id or self.ids.hex(_ID_DIGITS), region=self.region)
        if file_system_id not in (None, profile.file_system_id):
            raise ValueError(f"two ids: {file_system_id!r} and {profile.file_system_id!r} of the profile; give one")
        if profile.file_system_id in self.file_systems:
            raise ValueError(f"file system {profile.file_system_id!r} exists")
        switches, tags = settings or self.settings, dict(tags or {})
        file_system = FileSystem(
            profile, switches, self.clock, reserved_days=reserved_days, bin_enabled=bin_enabled, tags=tags
        )
        self.file_systems[profile.file_system_id] = file_system
        return file_system

    def file_system(self, file_system_id: str) -> FileSystem:
        """The file system with an id.

        Raises:
            NasError: 404 InvalidFileSystem.NotFound.
        """
        file_system = self.file_systems.get(file_system_id)
        if file_system is None:
            raise NasError("InvalidFileSystem.NotFound")
        return file_system

    def with_bin(self, file_system_id: str) -> FileSystem:
        """The file system with an id, if it is of the type that has a recycle bin: General-purpose (documented).

        Raises:
            NasError: 404 InvalidFileSystem.NotFound, or for another type 400 InvalidFileSystemId as the switch says.
        """
        file_system = self.file_system(file_system_id)
        if file_system.profile.file_system_type != GENERAL_PURPOSE:
            named = {"invalid": "InvalidFileSystemId", "not-found": "InvalidFileSystem.NotFound"}
            raise NasError(named[self.settings.ineligible])
        return file_system

    def create_job(
        self, operation: str, file_system: FileSystem, parameters: Mapping[str, str], client_token: str
    ) -> str:
        """Create a delete or restore job, or find the one the token already created. Its id.

        Args:
            operation: CreateRecycleBinDeleteJob or CreateRecycleBinRestoreJob.
            file_system: where.
            parameters: FileSystemId, FileId, and TargetFileId for a restore.
            client_token: "" for none.

        Raises:
            NasError: see `FileSystem.delete_job` and `FileSystem.restore_job`; 400 IdempotentParameterMismatch.
        """
        restores = "TargetFileId" in parameters
        file_system.admit("Restore" if restores else "Delete")
        known = self._tokens.job_of(operation, client_token, parameters, self.settings) if client_token else None
        if known is not None:
            if self.settings.repeated_client_token == "busy-while-running" and file_system.jobs.holder is not None:
                raise NasError("OperationDenied.TooManyRunningJobs")
            return known
        if restores:
            job = file_system.restore_job(parameters["FileId"], parameters["TargetFileId"])
        else:
            job = file_system.delete_job(parameters["FileId"])
        if client_token:
            self._tokens.remember(operation, client_token, parameters, job.id)
        return job.id

    def find_job(self, job_id: str) -> tuple[FileSystem, Job]:
        """A job that can still be queried, and its file system (documented: cancelling takes no FileSystemId).

        Raises:
            NasError: 404 InvalidJobId.NotFound.
        """
        for file_system in self.file_systems.values():
            for job in file_system.recent_jobs():
                if job.id == job_id:
                    return file_system, job
        raise NasError("InvalidJobId.NotFound", JobId=job_id)

    def count_call(self, key_id: str) -> None:
        """Count a call of an identity towards its limit per minute.

        Raises:
            GatewayError: 400 Throttling.User: above the limit, until the next full minute.
        """
        minute = int(self.clock.now() // _MINUTE)
        counted, calls = self._calls.get(key_id, (minute, 0))
        calls = calls + 1 if counted == minute else 1
        self._calls[key_id] = minute, calls
        limit = self.settings.calls_per_minute
        if limit is not None and calls > limit:
            raise GatewayError("Throttling.User")
