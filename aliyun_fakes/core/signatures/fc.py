"""The request signature of Function Compute 2.0: ``FC <key id>:<base64 of HMAC-SHA256>``.

Signed are method, Content-MD5, Content-Type, Date, the sorted ``x-fc-*`` headers and the decoded path, with the query
behind it only where a client signs its query (documented: FC 2.0 signature page; compared with what aliyun-fc2 2.5.2
signs; observed: it signs no query for invocations). The security token of temporary keys is an ``x-fc-`` header.
"""

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime
from typing import Literal

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.http import Request

ALLOWED_SKEW = 15 * 60.0
"""Seconds (documented: "a signature is only valid for 15 minutes", HTTP trigger FAQ)."""

Reason = Literal["missing-header", "unknown-key", "token", "mismatch", "stale"]


class BadSignature(Exception):
    """A request is not properly signed.

    Attributes:
        reason: what is wrong.
        detail: the header's name, or the key's id.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason} {detail}".strip())


def verify(request: Request, keys: AccessKeys, now: float) -> AccessKey:
    """The key a request is signed with.

    Args:
        request: as received.
        keys: the identities that may call.
        now: the machine's time, seconds since the epoch: clients sign with it, whatever clock the fakes run on.

    Raises:
        BadSignature: with what is missing or wrong.
    """
    for name in ("authorization", "date"):
        if not request.headers.get(name):
            raise BadSignature("missing-header", name)
    scheme, _, rest = request.headers["authorization"].partition(" ")
    key_id, _, signature = rest.partition(":")
    if scheme != "FC" or not signature:
        raise BadSignature("mismatch")
    key = keys.get(key_id)
    if key is None or not key.active:
        raise BadSignature("unknown-key", key_id)
    if (key.security_token or "") != request.headers.get("x-fc-security-token", ""):
        raise BadSignature("token", key_id)
    if not hmac.compare_digest(sign(request, key.secret).encode(), signature.encode()):
        raise BadSignature("mismatch")
    _check_date(request.headers["date"], now)
    return key


def sign(request: Request, secret: str) -> str:
    """The signature a request should carry, base64."""
    headers = request.headers
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-fc-"))
    lines = (request.method, *(headers.get(name, "") for name in ("content-md5", "content-type", "date")))
    text = "\n".join(lines) + "\n" + named + request.path
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _check_date(value: str, now: float) -> None:
    try:
        sent = parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError) as error:
        raise BadSignature("stale", value) from error
    if abs(now - sent) > ALLOWED_SKEW:
        raise BadSignature("stale", value)
