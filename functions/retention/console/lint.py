"""The action lint: what in the deployed policy file can never act, given the bins there are."""

from functions.retention.console.desk import Desk
from functions.retention.console.requests import LintRequest
from functions.retention.lint import lint as find
from functions.retention.recycle_bin import DryRunBin


def lint(desk: Desk, _: LintRequest) -> dict[str, object]:
    """Every finding; a bin that cannot be read is named and not judged by."""
    bins = desk.each(desk.file.guardrails.file_systems, lambda file_system: _bin(desk, file_system))
    known = {each: days for each, found in bins.items() if isinstance(days := found.get("reserved_days"), int)}
    return {
        "findings": [finding._asdict() for finding in find(desk.file, known)],
        "recycle_bins": bins,
        "policies": {policy.name: policy.mode for policy in desk.file.policies},
        "digest": desk.file.digest,
    }


def _bin(desk: Desk, file_system: str) -> dict[str, object]:
    attributes = DryRunBin(desk.services.recycle_bin(file_system)).attributes()
    return {"enabled": attributes.enabled, "reserved_days": attributes.reserved_days}
