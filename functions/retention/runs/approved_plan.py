"""A plan that a person approved, as the log has it: looked up by its id, and carried out as it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.retention.audit import CompleteLog
from functions.retention.core import Record, RetentionError, Seal, parse_service_time
from functions.retention.runs.message import RunMessage, Selection
from functions.retention.runs.plan import plan_id
from functions.retention.runs.selection import is_sealed_record, selection_in

PLAN_LASTS = 7 * 86_400.0
"""Seconds for which a plan can be carried out."""


class PlanRefused(RetentionError):
    """A plan that cannot be carried out.

    Args:
        code: a stable name of the reason.
        what: what is wrong.
        allowed: what to do instead.
    """

    def __init__(self, code: str, what: str, allowed: str = "make a new plan") -> None:
        super().__init__(f"plan_id: {what}; {allowed}")
        self.code, self.what, self.allowed = code, what, allowed


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """What a plan promises.

    Attributes:
        plan_id: its id.
        narrowing: narrows the policies.
        as_of: its moment, epoch seconds.
        selection: where its set of targets is.
        due: entries that the survey selected.
        kept: entries that it kept by a rule.
        tag_effect: digest of what followed from the file system's tags.
    """

    plan_id: str
    narrowing: Mapping[str, Any]
    as_of: float | None
    selection: Selection
    due: int
    kept: int
    tag_effect: str

    def carried_by(self, message: RunMessage) -> RunMessage:
        """The first message of a run that takes nothing but the plan's targets."""
        return replace(
            message,
            phase="purge",
            selection=self.selection,
            due=self.due,
            kept=self.kept,
            tag_effect=self.tag_effect,
            sees_inside=True,
        )


def find_plan(audit: CompleteLog, seal: Seal, *, name: str, file_system: str, digest: str, now: float) -> ApprovedPlan:
    """The plan of a name.

    Args:
        audit: the log.
        seal: of the deployment; a plan that it did not seal is none.
        name: plan id.
        file_system: file system id.
        digest: of the deployed policies.
        now: epoch seconds.

    Raises:
        PlanRefused: there is none, or it cannot be carried out.
        CloudError: the log cannot answer.
    """
    record = _find(audit, seal, name, file_system, now)
    if record.get("digest") != digest:
        raise PlanRefused("policy-changed", "the policies were changed since the plan was made")
    if record.get("detail"):
        what = f"the plan exceeds its limits: {record['detail']}"
        raise PlanRefused("limits-exceeded", what, "make a plan with a narrower request")
    selection = selection_in(record)
    if plan_id(record) != name or selection is None:
        raise PlanRefused("no-such-plan", "the record of the plan does not match its id")
    if selection.walks[-1] == 0:
        raise PlanRefused("nothing-to-do", "the plan takes nothing", "a plan with jobs")
    return ApprovedPlan(
        name,
        json.loads(record.get("narrowing", "{}")),
        parse_service_time(record.get("as_of", "")),
        selection,
        int(record["selected"]),
        sum(json.loads(record.get("kept", "{}")).values()),
        record.get("tag_effect", ""),
    )


def _find(audit: CompleteLog, seal: Seal, name: str, file_system: str, now: float) -> Record:
    records = audit.find({"event": "surveyed", "plan_id": name, "file_system": file_system}, now - PLAN_LASTS)
    ours = [record for record in records if is_sealed_record(seal, record)]
    if not ours:
        what = f"the log of the last {PLAN_LASTS / 86_400:.0f} days has no plan {name} for {file_system}"
        raise PlanRefused("no-such-plan", what, "a plan_id that the action plan answered")
    return ours[-1]
