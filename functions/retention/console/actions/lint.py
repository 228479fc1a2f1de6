"""The action lint: find what has no effect in the deployed policy file, given the bins and the last surveys."""

import json
from collections.abc import Mapping, Sequence

from functions.retention.console.context import ConsoleContext
from functions.retention.console.requests import LintRequest
from functions.retention.console.run_history import LOOK_BACK
from functions.retention.core import CloudError, DryRunBin, Record
from functions.retention.policy import Policy, unmet_globs
from functions.retention.policy import lint as find
from functions.retention.walk import OTHER_POLICIES


def lint(context: ConsoleContext, _: LintRequest) -> dict[str, object]:
    """List the findings. A bin or a log that cannot be read is named, and nothing is concluded from it."""
    bins = context.each(context.file.guardrails.file_systems, lambda file_system: _bin(context, file_system))
    known = {each: days for each, found in bins.items() if isinstance(days := found.get("reserved_days"), int)}
    surveys = _surveys(context)
    told = [] if isinstance(surveys, str) else surveys
    findings = [*find(context.file, known, _matched(context.file.policies, told)), *unmet_globs(context.file, told)]
    return {
        "findings": [finding._asdict() for finding in findings],
        "recycle_bins": bins,
        "surveys": surveys if isinstance(surveys, str) else len(surveys),
        "policies": {policy.name: policy.mode for policy in context.file.policies},
        "digest": context.file.digest,
    }


def _bin(context: ConsoleContext, file_system: str) -> dict[str, object]:
    attributes = DryRunBin(context.services.recycle_bin(file_system)).attributes()
    return {"enabled": attributes.enabled, "reserved_days": attributes.reserved_days}


def _surveys(context: ConsoleContext) -> list[Record] | str:
    """Records of recent surveys under the deployed policies without narrowing; a sentence if the log is silent."""
    wanted = {"event": "surveyed", "digest": context.file.digest}
    try:
        records = context.audit().find(wanted, context.now() - LOOK_BACK)
    except CloudError as error:
        return f"the audit log does not answer: {error}"
    return [record for record in records if not record.get("narrowing")]


def _matched(policies: Sequence[Policy], surveys: Sequence[Record]) -> Mapping[str, int]:
    """Entries found for each policy that was surveyed wherever it applies.

    Policies that select by tags are left out because they may apply anywhere. Policies with `keep_bin_below` are left
    out because they take nothing while a bin is small.
    """
    found: dict[str, int] = {}
    for policy in policies:
        looked = [record for record in surveys if _looked_for(policy, record)]
        everywhere = {record.get("file_system", "") for record in looked} >= set(policy.file_systems.ids)
        if everywhere and not policy.file_systems.tags and policy.keep_bin_below is None:
            found[policy.name] = sum(_by_policy(record).get(policy.name, [0])[0] for record in looked)
    return found


def _looked_for(policy: Policy, record: Record) -> bool:
    """Whether a survey counted for a policy: a person's dry run counts for all, other runs for those of their mode."""
    everything = (record.get("trigger"), record.get("mode")) == ("console", "dry-run")
    return (everything or record.get("mode") == policy.mode) and OTHER_POLICIES not in _by_policy(record)


def _by_policy(record: Record) -> Mapping[str, list[int]]:
    counts: Mapping[str, list[int]] = json.loads(record.get("by_policy", "{}"))
    return counts
