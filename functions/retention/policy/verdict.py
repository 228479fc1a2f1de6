"""What the gate says of an entry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an entry.

    Attributes:
        delete: whether it may go.
        reason: why, as one of these codes. ``selected`` goes. Kept for its age: ``too-young`` for every policy,
            ``under-min-age`` (old enough for a policy, not for ``guardrails.min_age``). Kept since something is not
            known: ``unknown-delete-time``, ``future-delete-time``, ``unknown-id``, ``unknown-type``,
            ``unknown-name``, ``unknown-path``. Else kept: ``protected``, ``not-matched`` by any policy it is old
            enough for, ``no-policy`` there is, ``cancelled-by-person`` because a person cancelled its deletion job.
        policy: name of the first policy that selects it, or that it is too young for; None when it is none's doing.
        rule: the part of the policy or guardrail that decided, like ``guardrails.protect: /finance``.
    """

    delete: bool
    reason: str
    policy: str | None = None
    rule: str | None = None
