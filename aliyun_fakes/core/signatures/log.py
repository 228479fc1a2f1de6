"""Log Service's request signatures: v1 (HMAC-SHA1 and HMAC-SHA256) and v4 (``SLS4-HMAC-SHA256``).

Documented: SLS, "Request signatures". Two details are observed on the wire of aliyun-log-python-sdk 0.9.52:
``x-log-date`` repeats ``Date`` and is added after a v1 signature was made, so it is not part of it, and neither
is any ``x-log-meta-*`` header. alibabacloud-sls20201230 also signs v1 with HMAC-SHA256, and sends an empty
``Content-MD5``, which it signs as empty, with a request that has no body (observed).

Digests of the body are computed here, never believed: a body that was changed under way is a wrong signature
(assumed; the vendor names no code for it).
"""

import base64
import hashlib
import hmac
from calendar import timegm
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate
from urllib.parse import quote

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.refusal import ALLOWED_SKEW, SignatureRefused

V4_SCHEME = "SLS4-HMAC-SHA256"
_V1_DIGESTS = {"hmac-sha1": hashlib.sha1, "hmac-sha256": hashlib.sha256}
_V4_DATE = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Claim:
    """What an ``Authorization`` header says.

    Attributes:
        key_id: the AccessKey id.
        signature: base64 (v1) or hex (v4).
        day: v4 only: the scope's day, ``YYYYMMDD``.
        region: v4 only: the scope's region.
    """

    key_id: str
    signature: str
    day: str = ""
    region: str = ""

    @property
    def is_v4(self) -> bool:
        """Whether the signature is of version 4."""
        return bool(self.day)


def verify(request: Request, keys: AccessKeys, now: float, region: str) -> AccessKey:
    """The key a request is signed with.

    Args:
        request: as received.
        keys: the identities that may call.
        now: the machine's time, seconds since the epoch: clients sign with it, whatever clock the fakes run on.
        region: the service's region; a v4 signature for another one does not match (assumed).

    Raises:
        SignatureRefused: with the service's code for what is missing or wrong.
    """
    claim = read_claim(request)
    _check_date(request, claim, now)
    key = keys.get(claim.key_id)
    if key is None:
        raise SignatureRefused("AccessKeyNotFound", claim.key_id)
    if not key.active:
        raise SignatureRefused("AccessKeyDisabled", claim.key_id)
    if (key.security_token or "") != request.headers.get("x-acs-security-token", ""):
        raise SignatureRefused("SecurityTokenInvalid")
    expected = sign_v4(request, key.secret, claim.region) if claim.is_v4 else sign_v1(request, key.secret)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()) or (claim.is_v4 and claim.region != region):
        raise SignatureRefused("SignatureNotMatch", claim.signature)
    return key


def read_claim(request: Request) -> Claim:
    """Take an ``Authorization`` header apart.

    Raises:
        SignatureRefused: it is missing or has neither form.
    """
    value = request.headers.get("authorization", "")
    scheme, _, rest = value.partition(" ")
    if scheme == "LOG":
        key_id, _, signature = rest.partition(":")
        if key_id and signature:
            return Claim(key_id, signature)
    elif scheme == V4_SCHEME:
        credential, _, signature = rest.partition(",Signature=")
        scope = credential.removeprefix("Credential=").split("/")
        if credential.startswith("Credential=") and signature and len(scope) == 5 and all(scope):  # noqa: PLR2004 - key/day/region/sls/aliyun_v4_request
            return Claim(scope[0], signature, day=scope[1], region=scope[2])
    raise SignatureRefused("AuthorizationInvalid", value.partition(",Signature=")[0].partition(":")[0])


def sign_v1(request: Request, secret: str) -> str:
    """The v1 signature a request should carry, base64.

    Raises:
        SignatureRefused: ``x-log-signaturemethod`` is missing or unknown.
    """
    method = request.headers.get("x-log-signaturemethod", "")
    if not method:
        raise SignatureRefused("MissingSignatureMethod")
    if method not in _V1_DIGESTS:
        raise SignatureRefused("InvalidSignatureMethod", method)
    digest = hmac.new(secret.encode(), _v1_text(request).encode(), _V1_DIGESTS[method]).digest()
    return base64.b64encode(digest).decode()


def _v1_text(request: Request) -> str:
    headers = request.headers
    md5 = hashlib.md5(request.body).hexdigest().upper() if headers.get("content-md5") else ""
    named = "".join(f"{name}:{headers[name]}\n" for name in _extra_headers(request) if name != "x-log-date")
    resource = request.path
    if request.query:
        resource += "?" + "&".join(f"{name}={value}" for name, value in sorted(request.query.items()))
    date = headers.get("date") or headers.get("x-log-date", "")
    return f"{request.method}\n{md5}\n{headers.get('content-type', '')}\n{date}\n{named}{resource}"


def sign_v4(request: Request, secret: str, region: str) -> str:
    """The v4 signature a request should carry, hex."""
    date = request.headers.get("x-log-date", "")
    scope = f"{date[:8]}/{region}/sls/aliyun_v4_request"
    canonical = hashlib.sha256(_v4_text(request).encode()).hexdigest()
    key = f"aliyun_v4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, f"{V4_SCHEME}\n{date}\n{scope}\n{canonical}".encode(), hashlib.sha256).hexdigest()


def _v4_text(request: Request) -> str:
    names = sorted([name for name in ("content-type", "host") if name in request.headers] + _extra_headers(request))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    query = "&".join(
        f"{name}={quote(value, safe='~')}" if value else name for name, value in sorted(request.query.items())
    )
    digest = hashlib.sha256(request.body).hexdigest()
    return f"{request.method}\n{request.path}\n{query}\n{headers}\n{';'.join(names)}\n{digest}"


def _extra_headers(request: Request) -> list[str]:
    return sorted(
        name for name in request.headers if name.startswith(("x-log-", "x-acs-")) and not name.startswith("x-log-meta-")
    )


def _check_date(request: Request, claim: Claim, now: float) -> None:
    name = "x-log-date" if claim.is_v4 or "date" not in request.headers else "date"
    text = request.headers.get(name, "")
    if not text:
        raise SignatureRefused("MissingDate")
    moment = _read_v4_date(text) if claim.is_v4 else _read_v1_date(text)
    if moment is None or (claim.is_v4 and text[:8] != claim.day):
        raise SignatureRefused("InvalidRequestTime", text)
    if abs(moment - now) > ALLOWED_SKEW:
        raise SignatureRefused("RequestTimeExpired", text)


def _read_v1_date(text: str) -> float | None:
    parsed = parsedate(text)
    return None if parsed is None else float(timegm(parsed))


def _read_v4_date(text: str) -> float | None:
    try:
        return datetime.strptime(text, _V4_DATE).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
