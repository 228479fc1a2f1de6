"""The action purge: start a run that deletes, by a plan id or with the file system id given twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    Record,
    format_service_time,
    parse_service_time,
)
from functions.retention.jobs import CancelWatch, outside_window, stop_at_rest
from functions.retention.policy import enforcing
from functions.retention.runs import RunMessage, Selection, is_sealed_record, new_message, plan_id, selection_in

PLAN_LASTS = 7 * 86_400.0
"""Seconds for which a plan can be carried out."""


_NOTES = {
    True: "it takes nothing but the plan's targets, each only if it is still there and unchanged",
    False: "it counts first, and stops if the count exceeds a limit",
}


@dataclass(frozen=True, slots=True)
class _Order:
    """What a run is asked to do.

    Attributes:
        narrowing: narrows the policies.
        as_of: the plan's moment, epoch seconds; None without a plan.
        cut_offs: the plan's latest deletion times by policy with `keep_bin_below`; None without such a policy.
        plan_id: id of the plan; "" without one.
        selection: where the plan's set of targets is; None without a plan.
        listed: entries that the plan's survey judged.
        tag_effect: digest of what followed from the tags when the plan was made.
    """

    narrowing: Mapping[str, Any] = field(default_factory=dict)
    as_of: float | None = None
    cut_offs: Mapping[str, float] | None = None
    plan_id: str = ""
    selection: Selection | None = None
    listed: int = 0
    tag_effect: str = ""


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
    _demand_enforcing(view, planned=bool(order.plan_id))
    _demand_free(context, audit, view)
    message = _message(context, view, order)
    journal = context.journal(run=message.run, file_system=message.file_system, mode="enforce")
    journal.put(
        "asked",
        reason="purge",
        plan_id=order.plan_id,
        as_of=format_service_time(message.as_of),
        narrowing=json.dumps(dict(order.narrowing)) if order.narrowing else "",
    )
    send(context, journal, message)
    return {
        "run": message.run,
        "file_system": message.file_system,
        "as_of": format_service_time(message.as_of),
        "plan_id": order.plan_id or None,
        "note": _NOTES[order.selection is not None],
        "to_see_how_it_goes": {"action": "status", "run": message.run},
        "to_stop_it": {"action": "cancel", "run": message.run},
    }


def _message(context: ConsoleContext, view: FileSystemView, order: _Order) -> RunMessage:
    now = context.now()
    message = new_message(
        view.file_system,
        digest=context.file.digest,
        trigger="console",
        mode="enforce",
        at=now,
        now=now,
        narrowing=order.narrowing,
        as_of=view.as_of if order.as_of is None else min(order.as_of, view.as_of),
    )
    if order.selection is None:
        return message
    return replace(
        message,
        phase="purge",
        cut_offs=order.cut_offs,
        selection=order.selection,
        listed=order.listed,
        tag_effect=order.tag_effect,
        sees_inside=True,
    )


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
    record = _find(context, audit, request)
    if record.get("digest") != context.file.digest:
        what = "the policies were changed since the plan was made"
        raise Refusal(what, where="plan_id", allowed="make a new plan", code="policy-changed")
    if record.get("detail"):
        raise Refusal(f"the plan exceeds its limits: {record['detail']}", where="plan_id",
                      allowed="make a plan with a narrower request", code="limits-exceeded")  # fmt: skip
    selection = selection_in(record)
    if plan_id(record) != request.plan_id or selection is None:
        what = "the record of the plan does not match its id"
        raise Refusal(what, where="plan_id", allowed="make a new plan", code="no-such-plan")
    if selection.walks[-1] == 0:
        raise Refusal("the plan takes nothing", where="plan_id", allowed="a plan with jobs", code="nothing-to-do")
    return _Order(
        json.loads(record.get("narrowing", "{}")),
        parse_service_time(record.get("as_of", "")),
        json.loads(record.get("cut_offs", "null")),
        record["plan_id"],
        selection,
        int(record.get("listed", "0")),
        record.get("tag_effect", ""),
    )


def _find(context: ConsoleContext, audit: CompleteLog, request: PurgeRequest) -> Record:
    wanted = {"event": "surveyed", "plan_id": request.plan_id or "", "file_system": request.file_system}
    try:
        records = audit.find(wanted, context.now() - PLAN_LASTS)
    except CloudError as error:
        what = f"the plan cannot be looked up: {error}"
        raise Refusal(what, where="plan_id", allowed="ask again", code="no-answer") from error
    records = [record for record in records if is_sealed_record(context.services.seal(), record)]
    if not records:
        days = f"{PLAN_LASTS / 86_400:.0f}"
        what = f"the log of the last {days} days has no plan {request.plan_id} for {request.file_system}"
        allowed = "a plan_id that the action plan answered"
        raise Refusal(what, where="plan_id", allowed=allowed, code="no-such-plan")
    return records[-1]
