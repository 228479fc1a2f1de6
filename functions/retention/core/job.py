"""One job of a file system: a deletion or a restoration, whoever created it."""

from dataclasses import dataclass

HISTORY = 50
"""Only this many of the newest jobs can be listed (documented: ListRecycleBinJobs)."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of the file system's newest 50, whoever made it.

    Attributes:
        id: job id, opaque.
        type: ``Delete`` or ``Restore``.
        file_id: the entry it works on.
        status: lower case: running, defragmenting, partialsuccess, success, fail, cancelled (documented values; one
            older page spells ``Failed``, which reads as fail).
        progress: percent, 1 to 100; 0 when the service sent none.
        created_at: epoch seconds by the service's clock; None when unreadable.
        error: ``code: message`` of a failed or partly failed job, else "".
        error_code: the code alone; "" when the service gave none.
    """

    id: str
    type: str
    file_id: str
    status: str
    progress: int
    created_at: float | None
    error: str = ""
    error_code: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it still holds the slot. Defragmenting is taken to hold it (unknown; the safe reading)."""
        return self.status in ("running", "defragmenting")

    @property
    def is_cancelled(self) -> bool:
        """Whether a person may have stopped it: it did not succeed, and no ErrorCode says why.

        ``cancelled`` is one case of that. So is a status that no page documents, whatever it means.
        """
        if self.status in ("fail", "partialsuccess"):
            return not self.error_code
        return not self.is_active and self.status != "success"

    @property
    def is_delete(self) -> bool:
        """Whether it deletes (the other kind restores)."""
        return self.type.lower() == "delete"
