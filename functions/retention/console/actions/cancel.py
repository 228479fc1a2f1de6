"""The action cancel: stop one run, or all runs on a file system. It never cancels a job of a person."""

from collections.abc import Sequence

from functions.retention.audit import LOOK_BACK, Intent, intent_of
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import CancelRequest
from functions.retention.console.run_history import Run, find_run, runs_on
from functions.retention.core import AuditLog, CloudError, RecycleBin, Terms
from functions.retention.jobs import IN_FORCE_AFTER

_SEEN = (
    f"a slice at work stops within {IN_FORCE_AFTER:.0f} s, one that waits for a job when that has ended; "
    "what is deleted stays deleted"
)

_AFTERWARDS = "the next sweep begins a new run; to keep that from happening use the action pause"


def cancel(context: ConsoleContext, request: CancelRequest) -> dict[str, object]:
    """Record that the runs are cancelled, then cancel the active job if one of them created it.

    Raises:
        Refusal: no such run is alive, or the file system is not in the guardrails.
        CloudError: the log did not answer or did not take the record; nothing is cancelled.
    """
    audit, now = context.audit(), context.now()
    runs = _asked_for(context, audit, request)
    file_system = context.allowed(runs[0].file_system if request.run is not None else request.file_system or "")
    journal = context.journal(file_system=file_system)
    for run in runs:
        journal.note("cancel", run=run.id, mode=run.mode)
    if (error := journal.flush()) is not None:
        raise error
    return {
        "file_system": file_system,
        "cancelled": [run.summary(now) for run in runs],
        "job": _cancel_job(context, context.services.recycle_bin(file_system), audit, runs),
        "what_happens": _SEEN,
        "afterwards": _AFTERWARDS,
    }


def _asked_for(context: ConsoleContext, audit: AuditLog, request: CancelRequest) -> Sequence[Run]:
    """The runs to cancel; at least one."""
    now = context.now()
    if request.file_system is not None:
        on_it = runs_on(audit, context.allowed(request.file_system), now)
        runs = [run for run in on_it if run.is_alive(now)]
        if runs:
            return runs
        raise _nothing(f"no run of ours is at work on {request.file_system}", "file_system")
    run = find_run(audit, request.run or "", now)
    if run is None:
        raise _nothing(f"the audit log of the last days has no run {request.run}", "run")
    if run.newest("ended") is not None:
        raise _nothing(f"run {request.run} has ended already", "run")
    return [run]


def _nothing(what: str, where: str) -> Refusal:
    allowed = "a run that is at work (see the action status)"
    return Refusal(what, where=where, allowed=allowed, code="nothing-to-cancel")


def _cancel_job(context: ConsoleContext, recycle_bin: RecycleBin, audit: AuditLog, runs: Sequence[Run]) -> str:
    """Cancel the active job if one of the runs created it. Return what became of it, for a person."""
    try:
        listed, now = recycle_bin.jobs(), context.now()
        job = listed.active
        if job is None:
            return "no job runs"
        intent = intent_of(job, audit, recycle_bin.file_system_id, now=now, ahead=listed.ahead_of(now))
        run = _run_of(intent, audit, runs) if intent is not None else None
        if intent is None or run is None:
            return f"job {job.id} is not of these runs: left alone"
        # Recorded first: a run that finds the job cancelled must not take it for somebody else's act.
        context.journal(file_system=recycle_bin.file_system_id).put(
            "cancel", run=run.id, mode=run.mode, job_id=job.id, file_id=job.file_id
        )
        recycle_bin.cancel(job.id)
    except CloudError as error:
        return f"the runs are cancelled, but their job, if one runs, could not be: {error}"
    return f"job {job.id}, which was deleting {intent.path}, is cancelled"


def _run_of(intent: Intent, audit: AuditLog, runs: Sequence[Run]) -> Run | None:
    """Which of the runs announced it, if one did; raises `CloudError` when the log does not answer."""
    terms: Terms = {"event": "intent", "client_token": intent.client_token}
    announcing = {record.get("run") for record in audit.find(terms, intent.at - LOOK_BACK)}
    return next((run for run in runs if run.id in announcing), None)
