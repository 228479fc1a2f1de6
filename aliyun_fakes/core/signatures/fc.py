"""The request signature of Function Compute 2.0: ``FC <key id>:<base64 of HMAC-SHA256>``.

Signed are method, Content-MD5, Content-Type, Date, the sorted ``x-fc-*`` headers and the decoded path, with the query
behind it only where a client signs its query (documented: FC 2.0 signature page; compared with what aliyun-fc2 2.5.2
signs; observed: it signs no query for invocations). The security token of temporary keys is an ``x-fc-`` header.
"""

import base64
import hashlib
import hmac

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.refusal import SignatureRefused, is_fresh


def verify(request: Request, keys: AccessKeys, now: float) -> AccessKey:
    """The key a request is signed with.

    Args:
        request: as received.
        keys: the identities that may call.
        now: the machine's time, seconds since the epoch: clients sign with it, whatever clock the fakes run on.

    Raises:
        SignatureRefused: with the error code and what it is about.
    """
    for name in ("authorization", "date"):
        if not request.headers.get(name):
            raise SignatureRefused("MissingRequiredHeader", name)
    scheme, _, rest = request.headers["authorization"].partition(" ")
    key_id, _, signature = rest.partition(":")
    if scheme != "FC" or not signature:
        raise SignatureRefused("SignatureNotMatch")
    key = keys.get(key_id)
    if key is None or not key.active:
        raise SignatureRefused("InvalidAccessKeyID", key_id)
    if (key.security_token or "") != request.headers.get("x-fc-security-token", ""):
        raise SignatureRefused("AccessDenied", key_id)
    if not hmac.compare_digest(sign(request, key.secret).encode(), signature.encode()):
        raise SignatureRefused("SignatureNotMatch")
    date = request.headers["date"]
    try:
        fresh = is_fresh(date, now)
    except ValueError as error:
        raise SignatureRefused("AccessDenied", date) from error
    if not fresh:
        raise SignatureRefused("AccessDenied", date)
    return key


def sign(request: Request, secret: str) -> str:
    """The signature a request should carry, base64."""
    headers = request.headers
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-fc-"))
    lines = (request.method, *(headers.get(name, "") for name in ("content-md5", "content-type", "date")))
    text = "\n".join(lines) + "\n" + named + request.path
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
