"""The clients that runs and the console need, as protocols; `cloud.Cloud` satisfies them over the SDKs."""

from collections.abc import Sequence
from typing import Protocol

from functions.retention.core import ReadableLog, RecycleBin, Seal, WorkQueue
from functions.retention.policy import PolicyFile


class Tags(Protocol):
    """Sets and removes tags of up to 50 file systems at once, on all or on none; both raise `CloudError`."""

    def set_tag(self, file_system_ids: Sequence[str], key: str, value: str) -> None:
        """Set a tag, or change its value."""

    def remove_tag(self, file_system_ids: Sequence[str], key: str) -> None:
        """Remove a tag where it is."""


class Services(Protocol):
    """Makes clients, each for one thread."""

    @property
    def policies(self) -> PolicyFile:
        """The deployed policies. Raises `PolicyError`."""

    @property
    def file_systems(self) -> Sequence[str]:
        """The ids that the guardrails name, also while the rest of the file is wrong. Raises `PolicyError`."""

    @property
    def account_id(self) -> str:
        """The number of the account."""

    @property
    def sweep_pace(self) -> int:
        """How many runs a sweep begins a minute."""

    def recycle_bin(self, file_system_id: str) -> RecycleBin:
        """The recycle bin of a file system."""

    def listings(self, file_system_id: str) -> Sequence[RecycleBin]:
        """Further clients of the bin, for parallel listings."""

    def audit(self) -> ReadableLog:
        """The audit log."""

    def queue(self) -> WorkQueue:
        """The queues. What is sent is sealed first; dead letters go verbatim."""

    def seal(self) -> Seal:
        """The seal of the functions' own messages. Raises `ConfigurationError` when the deployment has no key."""

    def nas(self, file_system_id: str) -> Tags:
        """A client that sets and removes the tags of a file system."""
