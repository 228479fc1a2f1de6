"""Look at a file system for a request, and refuse if no run may work on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from functions.retention.audit import rests
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal
from functions.retention.core import CloudError, DryRunBin, FileSystemState, RunEnd, RunOver
from functions.retention.jobs import stop_at_rest
from functions.retention.policy import NarrowedFile, Policy, narrow
from functions.retention.runs import look_at_file_system, stop_if_no_policy, stop_if_paused

INSTEAD: Mapping[str, str] = {
    "held": "remove the tag that it names: a pause with the action resume, a hold with its also_lift or by hand",
    "policies-differ": "purge a plan by its id, or wait until the tags are the same for guardrails.tags_unchanged_for",
    "unusual": "look at a plan and purge it by its id, or raise guardrails.times_usual and deploy",
    "protect-tag-unreadable": "correct the tag nas-retention-protect on the file system",
    "tags-unreadable": "allow the role nas:ListTagResources on the file system, and ask again",
    "paused": "set guardrails.pause to false and deploy",
    "bin-disabled": "a file system whose recycle bin is on",
    "clock-skew": "ask again; if it stays so, tell the vendor",
    "window-closed": "ask again when the window is open",
    "lists-recursively": "nothing can be planned or deleted on it",
    "stopped-by-person": "ask again after an hour, or end the rest: the action resume with also_lift: rest",
    "resting": "ask again later, or end the rest: the action resume with also_lift: rest",
    "bin-changed": "ask again when nobody restores or deletes anything in the bin",
}
"""What to do instead, by the reason for which a run would end."""


@dataclass(frozen=True, slots=True)
class FileSystemView:
    """A file system on which a run may work.

    Attributes:
        file_system: file system id.
        recycle_bin: the bin, read-only.
        state: attributes, tags and the service's time.
        file: the policy file under the request's narrowing.
        policies: the policies that apply, in any mode.
        as_of: the moment ages are measured at, whole epoch seconds, never later than the service's time.
        cancelled: ids of entries that stay because a person cancelled their deletion job.
    """

    file_system: str
    recycle_bin: DryRunBin
    state: FileSystemState
    file: NarrowedFile
    policies: tuple[Policy, ...]
    as_of: float
    cancelled: frozenset[str]


def look(context: ConsoleContext, file_system: str, narrowing: Mapping[str, Any]) -> FileSystemView:
    """Look at a file system.

    Raises:
        Refusal: no run may work on it, or no policy applies.
        NarrowingRefused: the narrowing would widen the policies.
        CloudError: the file system or the log cannot be read.
    """
    context.allowed(file_system)
    narrowed = narrow(context.file, narrowing, now=context.now())
    if paused := stop_if_paused(context.file.guardrails):
        raise refused_by(paused, file_system)
    recycle_bin = DryRunBin(context.services.recycle_bin(file_system))
    try:
        state = look_at_file_system(recycle_bin, context.file.guardrails, context.clock)
    except RunOver as over:
        raise refused_by(over.end, file_system) from over
    policies = narrowed.for_file_system(file_system, state.tags)
    if stop := stop_if_no_policy(policies, file_system):
        names = [policy.name for policy in context.file.policies]
        raise Refusal(stop.detail, where="narrow.policies", allowed=names, code="no-policy")
    present = min(context.now(), state.service_time)
    as_of = float(floor(present if narrowed.as_of is None else min(narrowed.as_of, present)))
    cancelled = context.cancelled_entries(file_system)
    return FileSystemView(file_system, recycle_bin, state, narrowed, policies, as_of, cancelled)


def resting(context: ConsoleContext) -> Callable[[str], dict[str, object]]:
    """What tells whether a file system rests after a person's cancel, by one search of the log."""
    now = context.now()
    try:
        until = rests(context.audit(), now)
    except CloudError as error:
        unknown = f"unknown: the audit log does not answer: {error}"
        return lambda _: {"rests": unknown}
    return lambda each: {"rests": stop.detail if (stop := stop_at_rest(until.get(each, 0.0), now)) else False}


def refused_by(stop: RunEnd, where: str) -> Refusal:
    """A refusal for the reason that would end a run."""
    what = ": ".join(filter(None, (stop.reason.meaning, stop.detail)))
    return Refusal(what, where=where, allowed=INSTEAD.get(stop.reason, "another file system"), code=stop.reason)
