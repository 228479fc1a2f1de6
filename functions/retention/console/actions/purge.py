"""The action purge: start a run that deletes, by a plan id or with the file system id given twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.retention.audit import PERSON_GRACE, CompleteLog, RunLedger, find_alive_runs
from functions.retention.console.context import ConsoleContext
from functions.retention.console.file_system import FileSystemView, look, refused_by
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import PurgeRequest
from functions.retention.console.run_history import send
from functions.retention.core import (
    CloudError,
    NotFound,
    format_service_time,
)
from functions.retention.jobs import CancelWatch, outside_window, stop_at_rest
from functions.retention.policy import enforcing
from functions.retention.runs import ApprovedPlan, PlanRefused, RunMessage, find_plan, new_message

_NOTES = {
    True: "it takes nothing but the plan's targets, each only if it is still there and unchanged",
    False: "it counts first, and stops if the count exceeds a limit",
}


@dataclass(frozen=True, slots=True)
class _Order:
    """What a run is asked to do.

    Attributes:
        narrowing: narrows the policies.
        plan: what it carries out; None without a plan.
    """

    narrowing: Mapping[str, Any] = field(default_factory=dict)
    plan: ApprovedPlan | None = None


def purge(context: ConsoleContext, request: PurgeRequest) -> dict[str, object]:
    """Start the run.

    Raises:
        Refusal: the run may not be started; the refusal is recorded.
        NarrowingRefused: the request would widen the policies.
        ConfigurationError: the deployment has no key to seal messages with.
        CloudError: a service failed, and no run was started.
    """
    try:
        return _start(context, request)
    except Refusal as refusal:
        journal = context.journal(file_system=request.file_system, mode="enforce", plan_id=request.plan_id)
        journal.note("refused", reason=refusal.code, detail=refusal.what)
        journal.flush()
        raise


def _start(context: ConsoleContext, request: PurgeRequest) -> dict[str, object]:
    context.services.seal()
    audit = context.audit()
    context.allowed(request.file_system)
    _demand_index(audit)
    order = _planned(context, audit, request) if request.plan_id else _Order(request.narrow)
    view = look(context, request.file_system, order.narrowing)
    _demand_enforcing(view, planned=order.plan is not None)
    _demand_free(context, audit, view)
    message = _message(context, view, order)
    journal = context.journal(run=message.run, file_system=message.file_system, mode="enforce")
    journal.put(
        "asked",
        reason="purge",
        plan_id=order.plan.plan_id if order.plan else "",
        as_of=format_service_time(message.as_of),
        narrowing=json.dumps(dict(order.narrowing)) if order.narrowing else "",
    )
    send(context, journal, message)
    return {
        "run": message.run,
        "file_system": message.file_system,
        "as_of": format_service_time(message.as_of),
        "plan_id": order.plan.plan_id if order.plan else None,
        "note": _NOTES[order.plan is not None],
        "to_see_how_it_goes": {"action": "status", "run": message.run},
        "to_stop_it": {"action": "cancel", "run": message.run},
    }


def _message(context: ConsoleContext, view: FileSystemView, order: _Order) -> RunMessage:
    now, planned_at = context.now(), order.plan.as_of if order.plan else None
    message = new_message(
        view.file_system,
        digest=context.file.digest,
        trigger="console",
        mode="enforce",
        at=now,
        now=now,
        narrowing=order.narrowing,
        as_of=view.as_of if planned_at is None else min(planned_at, view.as_of),
    )
    return message if order.plan is None else order.plan.carried_by(message)


# Conditions for a start.


def _demand_index(audit: CompleteLog) -> None:
    """Raise a refusal unless the logstore has an index; without one no intent can be found again."""
    try:
        indexed = audit.has_index()
    except NotFound as error:
        allowed = "create the project and the logstore, with an index"
        raise Refusal(f"there is no audit log: {error}", where="SLS", allowed=allowed, code="no-log") from error
    if not indexed:
        what = "the audit logstore has no index: nothing that a run announces could be found again"
        raise Refusal(what, where="SLS", allowed="create an index on it", code="no-index")


def _demand_enforcing(view: FileSystemView, *, planned: bool) -> None:
    armed = enforcing(view.policies)
    idle = [policy.name for policy in view.policies if policy not in armed]
    if armed and not (planned and idle):
        return
    what = f"of the policies that take part, these do not enforce: {', '.join(idle)}"
    allowed = "write mode: enforce at a policy and deploy, then make a new plan"
    raise Refusal(what, where="policies", allowed=allowed, code="not-enforcing")


def _demand_free(context: ConsoleContext, audit: CompleteLog, view: FileSystemView) -> None:
    """Raise a refusal if the run would end at once, or if another run that a person started is at work."""
    now = context.now()
    ledger = RunLedger(audit, "", view.file_system, now)
    cancels = ledger.cancels(now - PERSON_GRACE)
    if cancels is None:
        what = "the audit log does not say whether a person stopped a run here"
        raise Refusal(what, where="SLS", allowed="ask again", code="no-answer")
    watch = CancelWatch(ledger, context.journal(file_system=view.file_system, mode="enforce"), context.clock)
    stop = (
        stop_at_rest(cancels.rests_until, now)
        or watch.stop(view.recycle_bin.jobs().newest)
        or outside_window(context.file.guardrails, now)
    )
    if stop is not None:
        raise refused_by(stop, view.file_system)
    for run in find_alive_runs(audit, now, view.file_system, begun_by=("asked",)):
        if run.trigger == "console":
            what = f"run {run.run} that a person started is at work on {view.file_system}"
            raise Refusal(what, where="file_system", allowed="wait for it or cancel it", code="run-alive")


# A plan.


def _planned(context: ConsoleContext, audit: CompleteLog, request: PurgeRequest) -> _Order:
    try:
        plan = find_plan(
            audit,
            context.services.seal(),
            name=request.plan_id or "",
            file_system=request.file_system,
            digest=context.file.digest,
            now=context.now(),
        )
    except PlanRefused as error:
        raise Refusal(error.what, where="plan_id", allowed=error.allowed, code=error.code) from error
    except CloudError as error:
        what = f"the plan cannot be looked up: {error}"
        raise Refusal(what, where="plan_id", allowed="ask again", code="no-answer") from error
    return _Order(plan.narrowing, plan)
