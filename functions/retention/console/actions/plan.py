"""The action plan: survey what a purge would delete and return a plan id that the action purge takes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.retention.audit import Journal, RunLedger
from functions.retention.console.actions.plan_details import SHOWN_DIRECTORIES, Example, Notes
from functions.retention.console.context import ConsoleContext
from functions.retention.console.file_system import FileSystemView, look, refused_by
from functions.retention.console.formatting import KEPT, describe, format_seconds, readable_size
from functions.retention.console.requests import PlanRequest
from functions.retention.console.run_history import send
from functions.retention.core import CloudError, ConfigurationError, RunOver, format_service_time
from functions.retention.jobs import Pace, Watch
from functions.retention.policy import GlobWatch, NarrowedFile, Policy, effect_of, enforcing, narrow, protected_on
from functions.retention.runs import (
    Decision,
    Plan,
    RunContext,
    RunMessage,
    SurveyEnd,
    SurveyPhase,
    decide,
    new_message,
    note_active_job,
    set_aside,
    without_capacity_rules,
)
from functions.retention.walk import MOST_TARGETS, CapacityRule, Collector, Recents, Reclaimed, fetch, rows_of

PATIENCE = 180.0
"""Seconds for which the survey runs while a person waits. One listing under flow control can take six minutes more; the
rest of the console's ten minutes is for the log and the queue."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One survey.

    Attributes:
        narrowing: names the policies that take part.
        file: the policy file under this narrowing.
        policies: the policies that take part.
        deployed: the policies that take part without the request's narrowing.
        candidate: whether the policy file is only tried.
    """

    narrowing: Mapping[str, Any]
    file: NarrowedFile
    policies: tuple[Policy, ...]
    deployed: tuple[Policy, ...]
    candidate: bool


def plan(context: ConsoleContext, request: PlanRequest) -> dict[str, object]:
    """Show what all policies would delete, and what a purge would: only enforcing policies count for that.

    Raises:
        Refusal: no run may work on the file system now.
        NarrowingRefused: the request would widen the policies.
        CloudError: the file system cannot be read.
    """
    view = look(context, request.file_system, request.narrow)
    armed = enforcing(view.policies)
    try:
        counted = _count(context, view, _parts(context, view, request))
    except RunOver as over:
        raise refused_by(over.end, request.file_system) from over
    answer: dict[str, object] = {
        "file_system": request.file_system,
        "as_of": format_service_time(view.as_of),
        "policies": {policy.name: policy.mode for policy in view.policies},
        "bin": {"bytes": view.state.attributes.size, "size": readable_size(view.state.attributes.size)},
        "all_policies": counted[-1] if len(counted) > 1 or not armed else "the same: all of them enforce",
        "enforcing_policies": counted[0] if armed else "none enforces: a purge would take nothing",
    }
    return answer | _named(request, counted[0] if armed else {})


def _parts(context: ConsoleContext, view: FileSystemView, request: PlanRequest) -> list[_Part]:
    """The surveys to make; the one that a purge can carry out comes first."""
    deployed = context.file.for_file_system(view.file_system, view.state.tags)
    armed = enforcing(view.policies)
    whole = _Part(request.narrow, view.file, view.policies, deployed, request.candidate)
    if any(policy.file_systems.tags for policy in context.file.policies):
        whole = _named_part(context, whole, view.policies)
    if armed == view.policies:
        return [replace(whole, deployed=enforcing(deployed))]
    if not armed:
        return [whole]
    return [replace(_named_part(context, whole, armed), deployed=enforcing(deployed)), whole]


def _named_part(context: ConsoleContext, part: _Part, policies: tuple[Policy, ...]) -> _Part:
    """The part with its policies named, so that a tag set later adds no policy to a purge of the plan."""
    narrowing = {**part.narrowing, "policies": [policy.name for policy in policies]}
    file = narrow(context.file, narrowing, now=context.now())
    return replace(part, narrowing=narrowing, file=file, policies=policies)


def _named(request: PlanRequest, purgeable: Mapping[str, object]) -> dict[str, object]:
    plan_id = purgeable.get("plan_id")
    if plan_id is None:
        return {"plan_id": None}
    order = {"action": "purge", "file_system": request.file_system, "plan_id": plan_id}
    return {"plan_id": plan_id, "to_purge_it": order}


def _count(context: ConsoleContext, view: FileSystemView, parts: list[_Part]) -> list[dict[str, object]]:
    recents = Recents(fetch(view.recycle_bin.recent_directories))
    until = min(context.now() + PATIENCE, context.deadline)
    return [_survey(context, view, part, recents, until) for part in parts]


def _survey(
    context: ConsoleContext, view: FileSystemView, part: _Part, recents: Recents, until: float
) -> dict[str, object]:
    """Survey until time is up; a dry run does the rest."""
    notes, run_context = Notes(), _run_context(context, view, part, recents)
    surveying = SurveyPhase(
        [view.recycle_bin, *context.services.listings(view.file_system)],
        run_context,
        clock=context.clock,
        deadline=until,
        observer=notes,
    )
    message = _message(context, view, part)
    if run_context.capacity:
        message = note_active_job(message, view.recycle_bin, context.clock)
    message, after = surveying.run(message)
    decision = decide(message, run_context, rows_of(surveying.collector.payloads()))
    if after is None:
        rest = _recorded(context, run_context, decision, part) | _unmet(message, run_context)
    elif part.candidate:
        rest = {"plan_id": None, "not_named_because": "time was up before all was counted: narrow the plan"}
    else:
        rest = _hand_over(context, message, surveying.collector)
    left_out = [each.name for each in part.policies if each not in run_context.policies]
    totals = _totals(decision.plan, part.file.up_to) | _capacity(decision.plan, run_context, left_out)
    return {"complete": after is None} | rest | totals | _details(decision.plan, notes)


def _run_context(context: ConsoleContext, view: FileSystemView, part: _Part, recents: Recents) -> RunContext:
    now = context.now()
    return RunContext(
        part.file,
        without_capacity_rules(part.policies, part.deployed, part.narrowing),
        protected_on(part.file.guardrails.protect, view.file_system, view.state.tags),
        view.state,
        recents,
        Watch(view.recycle_bin, context.file.guardrails, looked_at=now, enforcing=False, is_cancelled=_never),
        now,
        up_to=part.file.up_to,
        cancelled=view.cancelled,
    )


def _unmet(message: RunMessage, run_context: RunContext) -> dict[str, object]:
    globs = GlobWatch(run_context.policies, run_context.protected, met=message.globs_met)
    return {"globs_met_nothing": globs.nothing(), "brackets_in_names": globs.names()}


def _capacity(plan: Plan, run_context: RunContext, left_out: list[str]) -> dict[str, object]:
    """What the plan says of policies with `keep_bin_below`; nothing when there is none."""
    answer: dict[str, object] = {}
    for policy in left_out:
        answer[policy] = "takes no part: keep_bin_below counts for the whole file system, and the request is narrowed"
    for policy, rule in run_context.capacity.items():
        taken = plan.capacity.get(policy)
        answer[policy] = _reclaimed(taken, rule) if taken else "takes nothing: a job changes the bin now; plan it again"
    return {"capacity": answer} if answer else {}


def _reclaimed(taken: Reclaimed, rule: CapacityRule) -> str:
    over, size = readable_size(taken.surplus), readable_size(rule.limit)
    told = "" if taken.is_reported else "; the service tells no size, so only what was listed counts"
    if not taken.surplus:
        return f"takes nothing: what is known of the bin is not over {size}{told}"
    short = "; no more fits into this run, the next one goes on" if taken.bytes < taken.surplus else ""
    return f"the bin is {over} over {size}: takes {readable_size(taken.bytes)} by {taken.targets} jobs{short}{told}"


def _never() -> bool:
    """A plan cannot be cancelled: its run has no id yet that a person could know."""
    return False


def _message(context: ConsoleContext, view: FileSystemView, part: _Part) -> RunMessage:
    now = context.now()
    message = new_message(
        view.file_system,
        digest=context.file.digest,
        trigger="console",
        mode="dry-run",
        at=now,
        now=now,
        narrowing=part.narrowing,
        as_of=view.as_of,
    )
    return replace(message, tag_effect=effect_of(part.file, view.file_system, view.state.tags).digest)


def _journal(context: ConsoleContext, message: RunMessage, *, candidate: bool = False) -> Journal:
    common = {"run": message.run, "mode": "dry-run", "phase": "survey", "file_system": message.file_system}
    return context.journal(**common, candidate="yes" if candidate else None)


def _recorded(context: ConsoleContext, run_context: RunContext, decision: Decision, part: _Part) -> dict[str, object]:
    """Record the plan and its set; a purge finds them in the log."""
    message = decision.plan.message
    ledger = RunLedger(context.audit(), message.run, message.file_system, context.now())
    try:
        journal = _journal(context, message, candidate=part.candidate)
        end = SurveyEnd(journal, ledger, context.services.seal(), context.clock)
        made = end.record(decision, run_context)
        unusual = end.unusual(made, run_context)
    except CloudError as error:
        return {"plan_id": None, "not_named_because": f"the audit log did not take it: {error}"}
    except ConfigurationError as error:
        return {"plan_id": None, "not_named_because": str(error)}
    if made.beyond_set is not None:
        many = f"it has {message.planned_jobs} targets and a plan takes {MOST_TARGETS}: narrow it, for example by up_to"
        return {"plan_id": None, "not_named_because": many}
    return {"plan_id": made.id, **({} if unusual is None else {"unusual": unusual.detail})}


def _hand_over(context: ConsoleContext, message: RunMessage, collector: Collector) -> dict[str, object]:
    """Let a dry run continue the survey."""
    journal = _journal(context, message)
    message = set_aside(message, collector, journal)
    journal.put("asked", reason="plan", as_of=format_service_time(message.as_of))
    send(context, journal, message)
    status = {"action": "status", "run": message.run}
    return {"run": message.run, "to_see_the_rest": status, "note": "time was up: a dry run goes on counting"}


def _totals(made: Plan, up_to: int | None) -> dict[str, object]:
    tally, pace, jobs = made.message.tally, Pace(), made.message.planned_jobs
    seconds = pace.per_job * jobs + pace.per_entry * max(tally.selected - jobs, 0)
    only = {} if up_to is None else {"only": f"the first {up_to} of these jobs, and what the limits allow"}
    if made.beyond_set is not None:
        only = {"only": f"the first {made.targets} of these jobs: a run takes no more, and the next one goes on"}
    return {
        "entries": tally.selected,
        "jobs": jobs,
        "bytes": tally.size,
        "size": readable_size(tally.size, tally.unknown),
        "unknown_sizes": tally.unknown,
        "listed": made.listed,
        "share": "unknown" if made.share is None else round(made.share, 4),
        "takes_about": f"{format_seconds(math.ceil(seconds))}, one job at a time, while nobody else's job runs",
        "stopped_by": list(made.broken),
        **only,
    }


def _details(made: Plan, notes: Notes) -> dict[str, object]:
    by_size = sorted(notes.by_top_directory.items(), key=lambda item: -item[1][1])
    return {
        "by_policy": {
            policy: {"entries": entries, "bytes": size, "size": readable_size(size, unknown)}
            for policy, (entries, size, unknown) in made.message.tally.by_policy.items()
        },
        "by_top_directory": {
            top: {"files": files, "bytes": size, "size": readable_size(size, unknown)}
            for top, (files, size, unknown) in by_size[:SHOWN_DIRECTORIES]
        },
        "oldest": [_example(example) for example in notes.oldest],
        "largest": [_example(example) for example in notes.largest],
        "kept": {reason: {"entries": count, "why": describe(reason, KEPT)} for reason, count in _kept(made)},
        "protected": {
            rule: {"entries_met": notes.protected[rule], "directories_left_out": notes.left_out[rule]}
            for rule in sorted({*notes.protected, *notes.left_out})
        },
    }


def _kept(made: Plan) -> list[tuple[str, int]]:
    return [(reason, count) for reason, count in made.message.tally.kept.most_common() if count > 0]


def _example(example: Example) -> dict[str, object]:
    return {**example._asdict(), "readable_size": readable_size(example.size)}
