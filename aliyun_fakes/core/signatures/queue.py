"""The queue service's request signature: HMAC-SHA1 over method, MD5, type, date, ``x-mns-*`` headers and resource.

Documented: SMQ, "Sign requests"; the exact string was compared with what aliyun-mns-sdk 1.3.0 signs (observed).
The security token of temporary keys travels in ``security-token`` and is not part of the string.
"""

import base64
import binascii
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
        SignatureRefused: with the service's code for what is missing or wrong.
    """
    key_id, signature = _authorization(request)
    _check_date(request, now)
    key = keys.get(key_id)
    if key is None:
        raise SignatureRefused("InvalidAccessKeyId")
    if not key.active or (key.security_token or "") != request.headers.get("security-token", ""):
        raise SignatureRefused("AccessDenied")
    if not hmac.compare_digest(sign(request, key.secret).encode(), signature.encode()):
        raise SignatureRefused("SignatureDoesNotMatch")
    _check_digest(request)
    return key


def sign(request: Request, secret: str) -> str:
    """The signature a request should carry, base64."""
    digest = hmac.new(secret.encode(), string_to_sign(request).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def string_to_sign(request: Request) -> str:
    """What is signed: four lines, the sorted ``x-mns-*`` headers, the resource exactly as sent."""
    headers = request.headers
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    resource = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
    lines = (request.method, *(headers.get(name, "") for name in ("content-md5", "content-type", "date")))
    return "\n".join(lines) + "\n" + named + resource


def _authorization(request: Request) -> tuple[str, str]:
    value = request.headers.get("authorization")
    if value is None:
        raise SignatureRefused("MissingAuthorizationHeader")
    scheme, _, rest = value.partition(" ")
    key_id, colon, signature = rest.partition(":")
    if scheme != "MNS" or not colon or not key_id or not signature:
        raise SignatureRefused("InvalidAuthorizationHeader")
    return key_id, signature


def _check_date(request: Request, now: float) -> None:
    value = request.headers.get("date")
    if value is None:
        raise SignatureRefused("MissingDateHeader")
    try:
        fresh = is_fresh(value, now)
    except ValueError as error:
        raise SignatureRefused("InvalidDateHeader") from error
    if not fresh:
        raise SignatureRefused("TimeExpired")


def _check_digest(request: Request) -> None:
    """``Content-MD5``: base64 of the hex digest (observed in the SDK) or of the digest itself (documented)."""
    value = request.headers.get("content-md5")
    if value is None:
        return
    digest = hashlib.md5(request.body)
    try:
        given = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise SignatureRefused("InvalidDegist") from error
    if given not in (digest.digest(), digest.hexdigest().encode()):
        raise SignatureRefused("InvalidDegist")
