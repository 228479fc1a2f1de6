"""A run and its slices: the sweep that starts it, the message that carries it, its two phases.

May know every package but `cloud` and `console`.
Start reading at `slice`.
"""

from functions.retention.runs.approved_plan import ApprovedPlan, PlanRefused, find_plan
from functions.retention.runs.context import RunContext, without_capacity_rules
from functions.retention.runs.event import Delivery, unwrap, unwrap_one
from functions.retention.runs.message import LONGEST_RUN, RunMessage, Selection, new_message, parse_message
from functions.retention.runs.plan import Plan, plan_id
from functions.retention.runs.preflight import (
    look_at_file_system,
    stop_if_no_policy,
    stop_if_not_allowed,
    stop_if_paused,
)
from functions.retention.runs.requests import ORDERS
from functions.retention.runs.run_counts import at_end
from functions.retention.runs.selection import is_sealed_record, selection_in
from functions.retention.runs.services import Services
from functions.retention.runs.survey_phase import Decision, SurveyEnd, SurveyPhase, decide, note_active_job, set_aside
from functions.retention.runs.sweep import Sweep, parse_sweep
from functions.retention.runs.worker import MAX_ATTEMPTS, Worker

__all__ = [
    "LONGEST_RUN",
    "MAX_ATTEMPTS",
    "ORDERS",
    "ApprovedPlan",
    "Decision",
    "Delivery",
    "Plan",
    "PlanRefused",
    "RunContext",
    "RunMessage",
    "Selection",
    "Services",
    "SurveyEnd",
    "SurveyPhase",
    "Sweep",
    "Worker",
    "at_end",
    "decide",
    "find_plan",
    "is_sealed_record",
    "look_at_file_system",
    "new_message",
    "note_active_job",
    "parse_message",
    "parse_sweep",
    "plan_id",
    "selection_in",
    "set_aside",
    "stop_if_no_policy",
    "stop_if_not_allowed",
    "stop_if_paused",
    "unwrap",
    "unwrap_one",
    "without_capacity_rules",
]
