"""What became of a job of ours that the job list does not show: the list has only the newest 50 (documented)."""

from functions.retention.audit import Intent
from functions.retention.core import Job, NotFound, RecycleBin

MAX_PAGES = 20
"""Pages of a directory that are searched for an entry. One that is not found on them may still be there."""


def ask_for(recycle_bin: RecycleBin, job_id: str, intent: Intent, ahead: float) -> Job:
    """A job of ours, from the service by its id or, when that knows it no more, as its entry tells.

    Args:
        recycle_bin: where.
        job_id: its id.
        intent: what it was announced as.
        ahead: seconds by which the service's clock is ahead of ours.

    Raises:
        CloudError: nothing can be told.
    """
    try:
        return recycle_bin.job(job_id)
    except NotFound:
        return by_entry(recycle_bin, job_id, intent, ahead)


def by_entry(recycle_bin: RecycleBin, job_id: str, intent: Intent, ahead: float) -> Job:
    """A job that nobody knows: a success when its entry is gone, else one of status ``unknown``; see `ask_for`."""
    status = "success" if _is_gone(recycle_bin, intent) else "unknown"
    return Job(job_id, "Delete", intent.file_id, status, 0, intent.at + ahead)


def _is_gone(recycle_bin: RecycleBin, intent: Intent) -> bool:
    """Whether its directory was listed to the end and does not show the entry, or is gone itself."""
    token = ""
    for _ in range(MAX_PAGES if intent.directory_id else 0):
        try:
            page = recycle_bin.page(intent.directory_id, token)
        except NotFound:
            return True
        if any((entry.file_id, entry.delete_time) == intent.identity for entry in page.entries):
            return False
        token = page.next_token
        if not token:
            return True
    return False
