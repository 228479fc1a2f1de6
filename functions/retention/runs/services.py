"""The clients a run or an answer needs, as a protocol: `cloud.Cloud` satisfies it over the SDKs."""

from collections.abc import Sequence
from typing import Protocol

from functions.retention.core import AuditLog, RecentRecords, RecycleBin, Seal, WorkQueue
from functions.retention.policy import PolicyFile


class SearchableLog(AuditLog, RecentRecords, Protocol):
    """An audit log that can say whether it can be searched."""

    def has_index(self) -> bool:
        """Whether what is put can be found again. Raises `CloudError` when it cannot say."""


class Tags(Protocol):
    """Sets and removes tags of file systems; both raise `CloudError`."""

    def set_tag(self, file_system_id: str, key: str, value: str) -> None:
        """Set a tag, or change its value."""

    def remove_tag(self, file_system_id: str, key: str) -> None:
        """Remove a tag if it is there."""


class Services(Protocol):
    """Makes clients for one thread each; `cloud.Cloud` does."""

    @property
    def policies(self) -> PolicyFile:
        """The deployed policies. Raises `PolicyError`."""

    @property
    def account_id(self) -> str:
        """The number of the account."""

    @property
    def sweep_pace(self) -> int:
        """How many runs a sweep begins a minute."""

    def recycle_bin(self, file_system_id: str) -> RecycleBin:
        """The recycle bin of a file system."""

    def listings(self, file_system_id: str) -> Sequence[RecycleBin]:
        """Further clients of it, for listings side by side."""

    def audit(self) -> SearchableLog:
        """The audit log."""

    def queue(self) -> WorkQueue:
        """The queues. What is sent is sealed first; dead letters go verbatim."""

    def seal(self) -> Seal:
        """The seal of the functions' own messages. Raises `ConfigurationError` when the deployment has no key."""

    def nas(self, file_system_id: str) -> Tags:
        """What sets and removes a file system's tags."""
