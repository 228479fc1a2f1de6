"""The action status: what runs on each file system, or how one run stands."""

from functions.retention.audit import intent_of
from functions.retention.console.context import ConsoleContext
from functions.retention.console.file_system import resting
from functions.retention.console.formatting import readable_size
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import StatusRequest
from functions.retention.console.run_history import find_run, runs_on
from functions.retention.core import AuditLog, CloudError, DryRunBin, Job, RecycleBin, format_service_time
from functions.retention.jobs import read_tags, stopped_by
from functions.retention.policy import Guardrails, is_open, next_opening

SHOWN_ENDS = 5


def status(context: ConsoleContext, request: StatusRequest) -> dict[str, object]:
    """Show every file system, one of them, or one run.

    Raises:
        Refusal: the file system is not in the guardrails, or the log has no such run.
        CloudError: a run was asked for, and the log cannot answer.
    """
    if request.run is not None:
        return _one_run(context, request.run, request.file_system)
    guardrails = context.file.guardrails
    ids = guardrails.file_systems if request.file_system is None else (context.allowed(request.file_system),)
    rest_of = resting(context)
    return {
        "now": format_service_time(context.now()),
        "paused": guardrails.pause,
        "window": _window(guardrails, context.now()),
        "file_systems": context.each(ids, lambda each: _file_system(context, each) | rest_of(each)),
    }


def _one_run(context: ConsoleContext, run: str, file_system: str | None) -> dict[str, object]:
    found = find_run(context.audit(), run, context.now())
    if found is None:
        what = f"the audit log of the last days has no run {run}"
        raise Refusal(what, where="run", allowed="the id of a run", code="no-such-run")
    if file_system not in (None, found.file_system):
        what = f"run {run} is on {found.file_system}, not on {file_system}"
        raise Refusal(what, where="file_system", allowed=[found.file_system], code="no-such-run")
    return found.summary(context.now())


def _window(guardrails: Guardrails, now: float) -> dict[str, object]:
    windows = guardrails.window
    if is_open(windows, now):
        return {"open": True, "hours": "; ".join(map(str, windows)) or "all day"}
    opens = format_service_time(next_opening(windows, now))
    return {"open": False, "hours": "; ".join(map(str, windows)), "opens_at": opens}


def _file_system(context: ConsoleContext, file_system: str) -> dict[str, object]:
    recycle_bin = DryRunBin(context.services.recycle_bin(file_system))
    audit = context.audit()
    attributes = recycle_bin.attributes()
    hold = stopped_by(context.file.guardrails, read_tags(recycle_bin), context.now())
    return {
        "recycle_bin": {
            "enabled": attributes.enabled,
            "reserved_days": attributes.reserved_days,
            "bytes": attributes.size,
            "size": readable_size(attributes.size),
        },
        "held": hold.detail if hold else False,
        "job": _job(recycle_bin, audit, context.now()),
        **_runs(context, audit, file_system),
    }


def _job(recycle_bin: RecycleBin, audit: AuditLog, now: float) -> dict[str, object] | None:
    """The job that holds the slot of the file system, and whose it is."""
    listed = recycle_bin.jobs()
    job = listed.active
    if job is None:
        return None
    return _described(job) | _whose(job, audit, recycle_bin.file_system_id, now=now, ahead=listed.ahead_of(now))


def _whose(job: Job, audit: AuditLog, file_system: str, *, now: float, ahead: float) -> dict[str, object]:
    try:
        intent = intent_of(job, audit, file_system, now=now, ahead=ahead)
    except CloudError as error:
        return {"whose": f"unknown: the audit log does not answer: {error}"}
    if intent is None:
        return {"whose": "a person's"}
    return {"whose": "ours", "path": intent.path, "entries": intent.entries}


def _described(job: Job) -> dict[str, object]:
    created = format_service_time(job.created_at) if job.created_at is not None else "unknown"
    return {"job": job.id, "type": job.type, "file_id": job.file_id, "status": job.status, "progress": job.progress,
            "created_at": created}  # fmt: skip


def _runs(context: ConsoleContext, audit: AuditLog, file_system: str) -> dict[str, object]:
    now = context.now()
    try:
        runs = runs_on(audit, file_system, now)
    except CloudError as error:
        return {"runs": f"the audit log does not answer: {error}"}
    ended = [run for run in runs if run.newest("ended")]
    return {
        "runs": [run.summary(now) for run in runs if run.is_alive(now)],
        "ended": [run.summary(now) for run in reversed(ended[-SHOWN_ENDS:])],
    }
