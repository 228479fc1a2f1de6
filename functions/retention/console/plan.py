"""The action plan: what a purge would do, counted in a dry survey and named, so that exactly it can be asked for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.retention.console.desk import Desk
from functions.retention.console.observer import SHOWN_DIRECTORIES, Example, ObservingJudge
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import PlanRequest
from functions.retention.console.runs import send
from functions.retention.console.scene import Scene, look
from functions.retention.console.words import KEPT, in_words, readable_size, seconds_in_words
from functions.retention.entry import format_service_time
from functions.retention.errors import CloudError, NoAnswer, Throttled
from functions.retention.message import Pace, RunMessage
from functions.retention.narrow import narrow
from functions.retention.new_run import new_message
from functions.retention.plan import Plan
from functions.retention.policy import Policy, enforcing
from functions.retention.recents import Recents, fetch
from functions.retention.survey import Survey
from functions.retention.walk import ListsRecursively

PATIENCE = 180.0
"""Seconds for which a plan is counted while a person waits. A listing that flow control refuses again and again can
take six minutes more; what is left of the console's ten is for the log and the queue."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One survey: of some policies, by a narrowing that names them."""

    policies: tuple[Policy, ...]
    narrowing: Mapping[str, Any]


def plan(desk: Desk, request: PlanRequest) -> dict[str, object]:
    """What every policy would let go, and what a purge would take: only those that enforce.

    Raises:
        Refusal: nothing may be planned there now.
        NarrowingRefused: the request would widen the policies.
        CloudError: the file system cannot be looked at.
    """
    scene = look(desk, request.file_system, request.narrow)
    armed = enforcing(scene.policies)
    whole = _Part(scene.policies, request.narrow)
    try:
        counted = _count(desk, scene, _parts(scene, armed, whole))
    except ListsRecursively as error:
        allowed = "nothing can be planned or deleted on it"
        raise Refusal(str(error), where=request.file_system, allowed=allowed, code="lists-recursively") from error
    answer: dict[str, object] = {
        "file_system": request.file_system,
        "as_of": format_service_time(scene.as_of),
        "policies": {policy.name: policy.mode for policy in scene.policies},
        "bin": {"bytes": scene.state.attributes.size, "size": readable_size(scene.state.attributes.size)},
        "all_policies": counted[-1] if len(counted) > 1 or not armed else "the same: all of them enforce",
        "enforcing_policies": counted[0] if armed else "none enforces: a purge would take nothing",
    }
    return answer | _named(request, counted[0] if armed else {})


def _parts(scene: Scene, armed: tuple[Policy, ...], whole: _Part) -> list[_Part]:
    """What is surveyed, that which can be purged first."""
    if not armed or armed == scene.policies:
        return [whole]
    return [_Part(armed, {**whole.narrowing, "policies": [policy.name for policy in armed]}), whole]


def _named(request: PlanRequest, purgeable: Mapping[str, object]) -> dict[str, object]:
    plan_id = purgeable.get("plan_id")
    if plan_id is None:
        return {"plan_id": None}
    order = {"action": "purge", "file_system": request.file_system, "plan_id": plan_id}
    return {"plan_id": plan_id, "to_purge_it": order}


def _count(desk: Desk, scene: Scene, parts: list[_Part]) -> list[dict[str, object]]:
    recents = Recents(fetch(scene.recycle_bin.recent_directories))
    until = min(desk.now() + PATIENCE, desk.deadline)
    return [_survey(desk, scene, part, recents, until) for part in parts]


def _survey(desk: Desk, scene: Scene, part: _Part, recents: Recents, until: float) -> dict[str, object]:
    """Survey while there is time; what is left is for a run."""
    narrowed = narrow(desk.file, part.narrowing, now=desk.now())
    judge = ObservingJudge(part.policies, narrowed.guardrails, as_of=scene.as_of, now=desk.now())
    survey = Survey(scene.recycle_bin, recents, judge)
    _walk(desk, survey, until)
    made = Plan(
        desk.file.digest,
        scene.file_system,
        scene.as_of,
        part.narrowing,
        survey.tally,
        survey.jobs,
        narrowed.guardrails.limits,
    )
    message = _message(desk, made)
    rest = _write_down(desk, made, message) if survey.finished else _hand_over(desk, survey, message)
    return {"complete": survey.finished} | rest | _totals(made) | _details(made, judge)


def _walk(desk: Desk, survey: Survey, until: float) -> None:
    try:
        while not survey.finished and desk.now() < until:
            survey.step()
    except (Throttled, NoAnswer):
        return  # the walk stands where it stood: a run goes on from there


def _message(desk: Desk, made: Plan) -> RunMessage:
    now = desk.now()
    return new_message(
        made.file_system,
        digest=made.digest,
        trigger="console",
        mode="dry-run",
        at=now,
        now=now,
        narrowing=made.narrowing,
        as_of=made.as_of,
    )


def _write_down(desk: Desk, made: Plan, message: RunMessage) -> dict[str, object]:
    """A plan can be asked for once the log has it."""
    journal = desk.journal(run=message.run, mode="dry-run", phase="survey", file_system=made.file_system)
    try:
        journal.put("surveyed", **made.record())
    except CloudError as error:
        return {"plan_id": None, "not_named_because": f"the audit log did not take it: {error}"}
    return {"plan_id": made.id}


def _hand_over(desk: Desk, survey: Survey, message: RunMessage) -> dict[str, object]:
    """A dry run goes on from here."""
    message = replace(
        message,
        cursor=survey.cursor(),
        sees_inside=survey.sees_inside,
        tally=survey.tally,
        progress=replace(message.progress, list_calls=survey.list_calls),
    )
    journal = desk.journal(run=message.run, mode="dry-run", phase="survey", file_system=message.file_system)
    journal.put("asked", reason="plan", as_of=format_service_time(message.as_of))
    send(desk, journal, message)
    status = {"action": "status", "run": message.run}
    return {"run": message.run, "to_see_the_rest": status, "note": "time was up: a dry run goes on counting"}


def _totals(made: Plan) -> dict[str, object]:
    tally, pace = made.tally, Pace()
    seconds = pace.per_job * made.jobs + pace.per_entry * max(tally.selected - made.jobs, 0)
    return {
        "entries": tally.selected,
        "jobs": made.jobs,
        "bytes": tally.size,
        "size": readable_size(tally.size),
        "listed": made.listed,
        "share": round(made.share, 4),
        "takes_about": f"{seconds_in_words(math.ceil(seconds))}, one job at a time, while nobody else's job runs",
        "stopped_by": list(made.broken),
    }


def _details(made: Plan, judge: ObservingJudge) -> dict[str, object]:
    by_size = sorted(judge.by_top_directory.items(), key=lambda item: -item[1][1])
    return {
        "by_policy": {
            policy: {"entries": entries, "bytes": size, "size": readable_size(size)}
            for policy, (entries, size) in made.tally.by_policy.items()
        },
        "by_top_directory": {
            top: {"files": files, "bytes": size, "size": readable_size(size)}
            for top, (files, size) in by_size[:SHOWN_DIRECTORIES]
        },
        "oldest": [_example(example) for example in judge.oldest],
        "largest": [_example(example) for example in judge.largest],
        "kept": {reason: {"entries": count, "why": in_words(reason, KEPT)} for reason, count in _kept(made)},
        "protected": {
            rule: {"entries_met": judge.protected[rule], "directories_left_out": judge.left_out[rule]}
            for rule in sorted({*judge.protected, *judge.left_out})
        },
    }


def _kept(made: Plan) -> list[tuple[str, int]]:
    return [(reason, count) for reason, count in made.tally.kept.most_common() if count > 0]


def _example(example: Example) -> dict[str, object]:
    return {**example._asdict(), "readable_size": readable_size(example.size)}
