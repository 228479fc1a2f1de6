"""The action cancel: a person stops a run, or all of a file system's. Jobs of other people are never touched."""

from collections.abc import Sequence

from functions.retention.audit import INDEX_LAG, Intent, RunLedger, holder
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import CancelRequest
from functions.retention.console.run_history import Run, find_run, runs_on
from functions.retention.core import AuditLog, CloudError, RecycleBin
from functions.retention.jobs import LOOK_EVERY

_SEEN = (
    f"a slice at work stops within {LOOK_EVERY:.0f} s, one that waits for a job when that has ended; what is deleted "
    "stays deleted"
)

_NOT_SEEN = (
    "the log has taken the cancellation and does not show it yet: until it does the run goes on, and if it finds its "
    "job cancelled before, it rests for an hour besides"
)

_LOOK_AGAIN = 5.0
"""Seconds between looks whether the log shows what it has taken."""

_AFTERWARDS = "the next sweep begins a new run; to keep that from happening use the action pause"


def cancel(context: ConsoleContext, request: CancelRequest) -> dict[str, object]:
    """Write down that the runs are cancelled, then cancel the job that runs for one of them.

    Raises:
        Refusal: there is nothing to cancel, or nothing may be done there.
        CloudError: the log cannot answer or did not take the record; nothing was cancelled.
    """
    audit, now = context.services.audit(), context.now()
    runs = _asked_for(context, audit, request)
    file_system = context.allowed(runs[0].file_system if request.run is not None else request.file_system or "")
    journal = context.journal(file_system=file_system)
    for run in runs:
        journal.note("cancel", run=run.id, mode=run.mode)
    if (error := journal.flush()) is not None:
        raise error
    shown = _wait_until_shown(context, audit, runs)
    return {
        "file_system": file_system,
        "cancelled": [run.summary(now) for run in runs],
        "job": _cancel_job(context, context.services.recycle_bin(file_system), audit, runs),
        "what_happens": _SEEN if shown else _NOT_SEEN,
        "afterwards": _AFTERWARDS,
    }


def _asked_for(context: ConsoleContext, audit: AuditLog, request: CancelRequest) -> Sequence[Run]:
    """The runs that are to be cancelled; at least one."""
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


def _wait_until_shown(context: ConsoleContext, audit: AuditLog, runs: Sequence[Run]) -> bool:
    """Wait until the runs can see that they are cancelled.

    A run that finds its job cancelled before that takes it for a stop by somebody else.
    """
    until = context.now() + INDEX_LAG
    ledgers = [RunLedger(audit, run.id, run.file_system, run.began_at()) for run in runs]
    while not all(ledger.is_cancelled() for ledger in ledgers):
        if context.now() >= until:
            return False
        context.clock.sleep(_LOOK_AGAIN)
    return True


def _nothing(what: str, where: str) -> Refusal:
    allowed = f"a run that is at work (see the action status); one is found up to {INDEX_LAG:.0f} s after its start"
    return Refusal(what, where=where, allowed=allowed, code="nothing-to-cancel")


def _cancel_job(context: ConsoleContext, recycle_bin: RecycleBin, audit: AuditLog, runs: Sequence[Run]) -> str:
    """Cancel the running job if it is of one of the runs; what became of it, for a person."""
    try:
        job, intent = holder(recycle_bin, audit, context.now())
        if job is None:
            return "no job runs"
        if intent is None or not _is_of(intent, audit, runs):
            return f"job {job.id} is not of these runs: left alone"
        recycle_bin.cancel(job.id)
    except CloudError as error:
        return f"the runs are cancelled, but their job could not be: {error}"
    return f"job {job.id}, which was deleting {intent.path}, is cancelled"


def _is_of(intent: Intent, audit: AuditLog, runs: Sequence[Run]) -> bool:
    """Whether one of the runs announced it."""
    terms = {"event": "intent", "client_token": intent.client_token}
    announced = audit.find(terms, intent.at - INDEX_LAG)
    return bool({record.get("run") for record in announced} & {run.id for run in runs})
