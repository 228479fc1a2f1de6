"""What the verifiers of all signatures share: the refusal, and how far a date may be off."""

from email.utils import parsedate_to_datetime

ALLOWED_SKEW = 15 * 60.0
"""Seconds a request's date may be off.

Documented for Function Compute ("a signature is only valid for 15 minutes", HTTP trigger FAQ), the log service and
the queue service (each "Error codes" page), and the gateway (V3 signature page).
"""


class SignatureRefused(Exception):
    """A request is not properly signed.

    Attributes:
        code: the service's error code, e.g. ``SignatureDoesNotMatch``.
        subject: what the message of that error names: a date, a key id, a signature, a header; never a secret.
    """

    def __init__(self, code: str, subject: str = "") -> None:
        self.code, self.subject = code, subject
        super().__init__(f"{code} {subject}".strip())


def is_fresh(date: str, now: float) -> bool:
    """Whether a ``Date`` header is near enough to the machine's time, seconds since the epoch.

    Raises:
        ValueError: it is no date.
    """
    return abs(now - parsedate_to_datetime(date).timestamp()) <= ALLOWED_SKEW
