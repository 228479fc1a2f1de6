"""The action explain: why an entry goes or stays and from when, or, when it is gone, how it went."""

from functions.retention.console.desk import Desk
from functions.retention.console.history import deletions
from functions.retention.console.locate import Found, Locator
from functions.retention.console.requests import ExplainRequest
from functions.retention.console.words import KEPT, in_words, readable_size
from functions.retention.entry import format_service_time, parse_service_time
from functions.retention.errors import CloudError
from functions.retention.judge import Judge
from functions.retention.policy import Policy, enforcing
from functions.retention.preflight import held_by, read_tags
from functions.retention.recycle_bin import DryRunBin

_DAY = 86_400.0


class _Reasoning:
    """Judges entries as a run that began now would.

    Args:
        desk: policies and time.
        policies: those that apply to the file system.
        reserved_days: of its bin; 0 when unknown.
    """

    def __init__(self, desk: Desk, policies: tuple[Policy, ...], reserved_days: int) -> None:
        now, guardrails = desk.now(), desk.file.guardrails
        self._now, self._reserved_days = now, reserved_days
        self._all = Judge(policies, guardrails, as_of=now, now=now)
        self._armed = Judge(enforcing(policies), guardrails, as_of=now, now=now)

    def about(self, found: Found) -> dict[str, object]:
        """Everything about one entry."""
        entry, directory = found
        answer: dict[str, object] = {
            "path": found.path,
            "file_id": entry.file_id,
            "type": entry.type,
            "size": readable_size(max(entry.size, 0)),
            "delete_time": entry.delete_time,
            "expires_by_itself_at": self._expiry(entry.delete_time),
            **self._verdict(self._armed, found),
            "if_all_policies_enforced": self._verdict(self._all, found),
            "rules": [step._asdict() for step in self._all.explain(entry, directory)],
        }
        if entry.is_directory:
            answer["note"] = "a directory goes only when all that is in it may go too; else what may goes alone"
        return answer

    def _verdict(self, judge: Judge, found: Found) -> dict[str, object]:
        verdict = judge.verdict(*found)
        return {
            "goes": verdict.delete,
            "reason": verdict.reason,
            "why": "selected" if verdict.delete else in_words(verdict.reason, KEPT),
            "policy": verdict.policy,
            "rule": verdict.rule,
            "deletable_from": self._moment(judge.deletable_from(*found)),
        }

    def _moment(self, moment: float | None) -> str:
        if moment is None:
            return "never, unless something but time changes"
        return format_service_time(moment) + (" (already)" if moment <= self._now else "")

    def _expiry(self, delete_time: str) -> str:
        deleted = parse_service_time(delete_time)
        if deleted is None or not self._reserved_days:
            return "unknown"
        return format_service_time(deleted + self._reserved_days * _DAY)


def explain(desk: Desk, request: ExplainRequest) -> dict[str, object]:
    """Every entry that the request names, and every deletion of ours that may have taken one.

    Raises:
        Refusal: the file system is not allowed.
        CloudError: the bin cannot be read.
    """
    recycle_bin = DryRunBin(desk.services.recycle_bin(desk.allowed(request.file_system)))
    attributes, tags = recycle_bin.attributes(), read_tags(recycle_bin)
    policies = desk.file.for_file_system(request.file_system, tags)
    reasoning = _Reasoning(desk, policies, attributes.reserved_days)
    locator = Locator(recycle_bin, desk.is_late)
    found = _find(locator, request) if attributes.enabled else []
    deleted = _deletions(desk, request)
    hold = held_by(desk.file.guardrails, tags)
    return {
        "summary": _summary(found, deleted, gave_up=locator.gave_up),
        "file_system": request.file_system,
        "recycle_bin": "on" if attributes.enabled else "off",
        "held": hold.detail if hold else False,
        "policies": {policy.name: policy.mode for policy in policies},
        "in_the_bin": [reasoning.about(each) for each in found],
        "deletions": deleted,
    }


def _find(locator: Locator, request: ExplainRequest) -> list[Found]:
    return locator.by_path(request.path) if request.path is not None else locator.by_id(request.file_id or "")


def _deletions(desk: Desk, request: ExplainRequest) -> list[dict[str, object]] | str:
    try:
        return deletions(desk.services.audit(), request, desk.now())
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
