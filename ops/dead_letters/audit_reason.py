"""What the audit log knows of a dead letter."""

from functions.retention.core import AuditLog, CloudError
from ops.dead_letters.dead_letter import DeadLetter

LOOK_BACK = 7 * 86_400.0
"""Seconds: as long as a queue can keep a letter."""


def reason(audit: AuditLog, dead_letter: DeadLetter, now: float) -> str:
    """Why, in the words of who put it there; "" when the log does not know, or does not answer.

    Args:
        audit: the audit log.
        dead_letter: what was found in the queue.
        now: epoch seconds.
    """
    try:
        if dead_letter.form == "wrapper":
            return ""
        found = audit.find({"event": ("poison", "refused", "unsealed"), "message": dead_letter.body}, now - LOOK_BACK)
        if not found and dead_letter.is_settled:
            found = audit.find({"event": "ended", "run": dead_letter.messages[0].run}, now - LOOK_BACK)
    except CloudError:
        return ""
    return found[-1].get("detail", "") if found else ""
