"""Who holds a file system's one job slot."""

from functions.retention.core import AuditLog, Job, RecycleBin
from functions.retention.ledger import Intent
from functions.retention.run_ledger import RunLedger


def holder(recycle_bin: RecycleBin, audit: AuditLog, now: float) -> tuple[Job | None, Intent | None]:
    """The job that runs, and the intent of ours that it carries out; without one it is a person's.

    Args:
        recycle_bin: whose slot.
        audit: where intents are; one that does not answer has none.
        now: epoch seconds.

    Raises:
        CloudError: the job list cannot be had.
    """
    job = next((job for job in recycle_bin.jobs() if job.is_active), None)
    if job is None or not job.is_delete:
        return job, None
    ahead = (recycle_bin.service_time or now) - now
    return job, RunLedger(audit, "", recycle_bin.file_system_id, now).whose(job, ahead)
