"""The two request signatures of the vendor's API gateway, verified as the gateway does.

``ACS3-HMAC-SHA256`` (help page "V3 request structure and signature") travels in headers; the legacy RPC form,
HMAC-SHA1 (help page "V2 RPC-style request and signature"), in the query or the form. Freshness is judged by the
machine's own clock, since the SDKs stamp with it.
"""

import base64
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.refusal import ALLOWED_SKEW, SignatureRefused

V3_ALGORITHM = "ACS3-HMAC-SHA256"
V2_WINDOW = 31 * 60
REMEMBERED_NONCES = 100_000
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class AcsVerifier:
    """Find the key that signed a request.

    Args:
        keys: the keys known.
        wall_clock: the machine's time, seconds since the epoch.
        remembered: how many of the newest nonces are kept to refuse a second use.
    """

    def __init__(
        self,
        keys: AccessKeys,
        *,
        wall_clock: Callable[[], float] = time.time,
        remembered: int = REMEMBERED_NONCES,
    ) -> None:
        self._keys = keys
        self._wall_clock = wall_clock
        self._nonces: deque[tuple[str, str]] = deque()
        self._seen: set[tuple[str, str]] = set()
        self._remembered = remembered

    def verify(self, request: Request) -> AccessKey:
        """The key that signed a request, by either algorithm.

        Raises:
            SignatureRefused: with the gateway's code for what is wrong.
        """
        if "authorization" in request.headers:
            return self._verify_v3(request)
        parameters = request.query | request.form
        if "Signature" in parameters or "AccessKeyId" in parameters:
            return self._verify_v2(request, parameters)
        raise SignatureRefused("MissingAccessKeyId")

    def _verify_v3(self, request: Request) -> AccessKey:
        headers = request.headers
        fields = _authorization_fields(headers["authorization"])
        nonce = _demand(headers, "x-acs-signature-nonce", "MissingSignatureNonce")
        self._check_time(_demand(headers, "x-acs-date", "MissingTimestamp"), ALLOWED_SKEW)
        key = self._key(fields["Credential"], headers.get("x-acs-security-token"))
        to_sign = _v3_text(request, fields["SignedHeaders"])
        right = hmac.new(key.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), fields["Signature"].encode()):
            raise SignatureRefused("SignatureDoesNotMatch", to_sign)
        self._use_nonce(key, nonce)
        return key

    def _verify_v2(self, request: Request, parameters: Mapping[str, str]) -> AccessKey:
        key_id = _demand(parameters, "AccessKeyId", "MissingAccessKeyId")
        given = _demand(parameters, "Signature", "MissingSignature")
        nonce = _demand(parameters, "SignatureNonce", "MissingSignatureNonce")
        self._check_time(_demand(parameters, "Timestamp", "MissingTimestamp"), V2_WINDOW)
        for name, allowed in (("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")):
            if _demand(parameters, name, f"Missing{name}") != allowed:
                raise SignatureRefused(f"Invalid{name}")
        key = self._key(key_id, parameters.get("SecurityToken"))
        to_sign = _v2_text(request.method, parameters)
        right = base64.b64encode(hmac.new(f"{key.secret}&".encode(), to_sign.encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(right, given.encode()):
            raise SignatureRefused("SignatureDoesNotMatch", to_sign)
        self._use_nonce(key, nonce)
        return key

    def _check_time(self, stamp: str, window: float) -> None:
        try:
            moment = datetime.strptime(stamp, _TIME_FORMAT).replace(tzinfo=timezone.utc).timestamp()
        except ValueError as error:
            raise SignatureRefused("InvalidTimeStamp.Format") from error
        if abs(self._wall_clock() - moment) > window:
            raise SignatureRefused("InvalidTimeStamp.Expired")

    def _key(self, key_id: str, token: str | None) -> AccessKey:
        key = self._keys.get(key_id)
        if key is None:
            raise SignatureRefused("InvalidAccessKeyId.NotFound")
        if not key.active:
            temporary = key.security_token is not None
            raise SignatureRefused("InvalidSecurityToken.Expired" if temporary else "InvalidAccessKeyId.Inactive")
        if key.security_token is not None and not token:
            raise SignatureRefused("MissingSecurityToken")
        if token and token != key.security_token:
            raise SignatureRefused("InvalidSecurityToken.MismatchWithAccessKey")
        return key

    def _use_nonce(self, key: AccessKey, nonce: str) -> None:
        """Remember a nonce; only a request whose signature was right uses one up."""
        use = (key.id, nonce)
        if use in self._seen:
            raise SignatureRefused("SignatureNonceUsed")
        self._seen.add(use)
        self._nonces.append(use)
        if len(self._nonces) > self._remembered:
            self._seen.discard(self._nonces.popleft())


def _demand(values: Mapping[str, str], name: str, code: str) -> str:
    value = values.get(name)
    if not value:
        raise SignatureRefused(code)
    return value


def _authorization_fields(authorization: str) -> dict[str, str]:
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if algorithm != V3_ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
        raise SignatureRefused("IncompleteSignature")
    return fields


def _v3_text(request: Request, signed_headers: str) -> str:
    """The text that the gateway signs.

    Every ``x-acs-*`` header and ``host`` must be signed and the payload's hash must be the body's own
    (documented: V3 page); a request that is not like that has no right signature.
    """
    names = signed_headers.split(";")
    payload = hashlib.sha256(request.body).hexdigest()
    pairs = sorted(parse_qsl(request.raw_query, keep_blank_values=True))
    query = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    canonical = "\n".join((request.method, request.raw_path or "/", query, headers, signed_headers, payload))
    text = f"{V3_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    must = {name for name in request.headers if name.startswith("x-acs-")} | {"host"}
    if not must <= set(names) or request.headers.get("x-acs-content-sha256", payload) != payload:
        raise SignatureRefused("SignatureDoesNotMatch", text)
    return text


def _v2_text(method: str, parameters: Mapping[str, str]) -> str:
    pairs = sorted((name, value) for name, value in parameters.items() if name != "Signature")
    query = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)
    return f"{method}&%2F&{_encode(query)}"


def _encode(text: str) -> str:
    return quote(text, safe="~")
