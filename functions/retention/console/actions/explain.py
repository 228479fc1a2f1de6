"""The action explain: why an entry is deleted or kept and from when; for a deleted entry, by which job."""

from collections.abc import Iterable
from math import inf
from operator import itemgetter

from functions.retention.console.actions.find import Finder, Found
from functions.retention.console.actions.past_deletions import deletions
from functions.retention.console.context import ConsoleContext
from functions.retention.console.formatting import KEPT, describe, readable_size
from functions.retention.console.requests import ExplainRequest
from functions.retention.core import CloudError, DryRunBin, format_service_time, parse_service_time
from functions.retention.jobs import read_tags, stopped_by
from functions.retention.policy import (
    Guardrails,
    Judge,
    Policy,
    ProtectRule,
    Verdict,
    enforcing,
    format_size,
    protected_on,
)

_DAY = 86_400.0


class _Outlook:
    """Judges single entries as a run that began now would, without listing the bin.

    Only a walk of the whole bin finds out what a policy with `keep_bin_below` deletes. For an entry that such a policy
    may delete, the answer is therefore neither yes nor no.

    Args:
        policies: those that take part.
        guardrails: as deployed.
        protected: what is protected on the file system.
        now: seconds since 1970.
        cancelled: ids of entries that stay because a person cancelled their deletion job.
    """

    def __init__(
        self,
        policies: tuple[Policy, ...],
        guardrails: Guardrails,
        protected: tuple[ProtectRule, ...],
        now: float,
        cancelled: frozenset[str],
    ) -> None:
        sizes = sorted({each.keep_bin_below for each in policies if each.keep_bin_below})

        def judge(some: Iterable[Policy]) -> Judge:
            return Judge(tuple(some), guardrails, as_of=now, now=now, protected=protected, cancelled=cancelled)

        self._now = now
        self._possible = judge(policies)
        self._certain = judge(each for each in policies if not each.keep_bin_below)
        self._by_size = [
            (format_size(size), judge(each for each in policies if each.keep_bin_below == size)) for size in sizes
        ]

    def about(self, found: Found) -> dict[str, object]:
        """What happens to one entry; ``goes`` is None when that depends on the size of the bin."""
        possible, certain = self._possible.verdict(*found), self._certain.verdict(*found)
        depends = possible.delete and not certain.delete
        answer = self._depends(found) if depends else _decided(certain if certain.delete else possible)
        return {**answer, "depends_on_capacity": depends, "deletable_from": self._deletable_from(found)}

    def steps(self, found: Found) -> list[dict[str, object]]:
        """Every rule in order, and the verdict last."""
        *steps, _ = self._possible.explain(*found)
        answer = self.about(found)
        verdict = {"rule": "verdict", "matched": answer["goes"], "why": answer["reason"]}
        return [*(step._asdict() for step in steps), verdict]

    def _depends(self, found: Found) -> dict[str, object]:
        """The answer for the policy with the smallest `keep_bin_below` of those that may delete the entry."""
        verdicts = ((size, judge.verdict(*found)) for size, judge in self._by_size)
        size, verdict = next((size, verdict) for size, verdict in verdicts if verdict.delete)
        return {
            "goes": None,
            "reason": "depends-on-capacity",
            "why": f"goes when the bin is over {size} and this is among the oldest: ask plan",
            "policy": verdict.policy,
            "rule": f"keep_bin_below: {size}",
        }

    def _deletable_from(self, found: Found) -> str:
        certain = self._certain.deletable_from(*found)
        by_size = ((judge.deletable_from(*found), size) for size, judge in self._by_size)
        possible = [(moment, size) for moment, size in by_size if moment is not None]
        moment, size = min(possible, key=itemgetter(0), default=(inf, ""))
        if certain is not None and certain <= moment:
            return self._written(certain)
        if not possible:
            return "never under the current policy file"
        early = f"{self._written(moment)}, when the bin is over {size} and this is among the oldest"
        return early if certain is None else f"{early}; whatever its size from {self._written(certain)}"

    def _written(self, moment: float) -> str:
        return format_service_time(moment) + (" (already)" if moment <= self._now else "")


def _decided(verdict: Verdict) -> dict[str, object]:
    return {
        "goes": verdict.delete,
        "reason": verdict.reason,
        "why": "selected" if verdict.delete else describe(verdict.reason, KEPT),
        "policy": verdict.policy,
        "rule": verdict.rule,
    }


class _Reasoning:
    """Explains entries of one bin.

    Args:
        context: policies and time.
        policies: those that apply to the file system.
        protected: what is protected on the file system.
        reserved_days: ReservedDays of the bin; 0 when unknown.
        cancelled: ids of entries that stay because a person cancelled their deletion job.
    """

    def __init__(
        self,
        context: ConsoleContext,
        policies: tuple[Policy, ...],
        protected: tuple[ProtectRule, ...],
        reserved_days: int,
        cancelled: frozenset[str],
    ) -> None:
        now, guardrails = context.now(), context.file.guardrails
        self._reserved_days = reserved_days
        self._all = _Outlook(policies, guardrails, protected, now, cancelled)
        self._armed = _Outlook(enforcing(policies), guardrails, protected, now, cancelled)

    def about(self, found: Found) -> dict[str, object]:
        """Everything about one entry."""
        entry = found.entry
        answer: dict[str, object] = {
            "path": found.path,
            "file_id": entry.file_id,
            "type": entry.type,
            "size": "unknown until it is listed" if entry.is_directory else readable_size(entry.size),
            "delete_time": entry.delete_time,
            "expires_by_itself_at": self._expiry(entry.delete_time),
            **self._armed.about(found),
            "if_all_policies_enforced": self._all.about(found),
            "rules": self._all.steps(found),
        }
        if entry.is_directory:
            answer["note"] = "a directory goes only when all that is in it may go too; else what may goes alone"
        return answer

    def _expiry(self, delete_time: str) -> str:
        deleted = parse_service_time(delete_time)
        if deleted is None or not self._reserved_days:
            return "unknown"
        return format_service_time(deleted + self._reserved_days * _DAY)


def explain(context: ConsoleContext, request: ExplainRequest) -> dict[str, object]:
    """Explain every entry that the request names, and list our deletions that may have taken one.

    Raises:
        Refusal: the file system is not in the guardrails.
        CloudError: the bin or the log cannot be read.
    """
    recycle_bin = DryRunBin(context.services.recycle_bin(context.allowed(request.file_system)))
    attributes, tags = recycle_bin.attributes(), read_tags(recycle_bin)
    policies = context.file.for_file_system(request.file_system, tags)
    protected = protected_on(context.file.guardrails.protect, request.file_system, tags)
    cancelled, doubt = _cancelled(context, request.file_system)
    reasoning = _Reasoning(context, policies, protected, attributes.reserved_days, cancelled)
    finder = Finder(recycle_bin, context.is_late)
    found = _find(finder, request) if attributes.enabled else []
    deleted = _deletions(context, request)
    hold = stopped_by(context.file.guardrails, tags, context.now())
    return {
        "summary": _summary(found, deleted, gave_up=finder.gave_up),
        "file_system": request.file_system,
        "recycle_bin": "on" if attributes.enabled else "off",
        "held": hold.detail if hold else False,
        "policies": {policy.name: policy.mode for policy in policies},
        **doubt,
        "in_the_bin": [reasoning.about(each) for each in found],
        "deletions": deleted,
    }


def _cancelled(context: ConsoleContext, file_system: str) -> tuple[frozenset[str], dict[str, object]]:
    """The entries whose deletion job a person cancelled; what to say when the log does not tell."""
    try:
        return context.cancelled_entries(file_system), {}
    except CloudError as error:
        return frozenset(), {"not_considered": f"jobs that people cancelled: the audit log does not answer: {error}"}


def _find(finder: Finder, request: ExplainRequest) -> list[Found]:
    return finder.by_path(request.path) if request.path is not None else finder.by_id(request.file_id or "")


def _deletions(context: ConsoleContext, request: ExplainRequest) -> list[dict[str, object]] | str:
    try:
        return deletions(context.audit(), request, context.now())
    except CloudError as error:
        return f"the audit log does not answer: {error}"


def _summary(found: list[Found], deleted: list[dict[str, object]] | str, *, gave_up: bool) -> str:
    if found:
        return f"{len(found)} in the bin"
    if gave_up:
        return "not found before time was up: it may be in the bin all the same"
    if isinstance(deleted, str):
        return "not in the bin; whether it was deleted by this project is not known"
    gone = [each for each in deleted if each["outcome"] == "success"]
    if not gone:
        return "not in the bin, and no job of this project took it: restored, expired by itself, or never deleted"
    last = gone[-1]
    why = f"policy {last['policy']}, {last['rule']}"
    return f"deleted for good on {last['at']} by run {last['run']} ({why}): {last['took']}"
