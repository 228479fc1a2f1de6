"""Requests to NAS made and signed by hand, for what the official SDK would never send."""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import quote

import requests

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from tests.contract.fronts import Front
from tests.patience import PATIENCE

VERSION = "2017-06-26"
OPERATION = "DescribeFileSystems"


def stamp(moment: datetime | None = None) -> str:
    """A signature's date; the machine's own time by default."""
    return (moment or datetime.now(tz=timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ")


def encoded(parameters: Mapping[str, str]) -> str:
    """The canonical query."""
    return "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(parameters.items()))


class Raw:
    """Sends requests to NAS behind a front."""

    def __init__(self, front: Front) -> None:
        self._url = front.server.endpoint if front.server else "https://nas.cn-hangzhou.aliyuncs.com"
        self.host = self._url.partition("://")[2]

    def send(
        self, method: str, parameters: Mapping[str, str], headers: Mapping[str, str], form: Mapping[str, str]
    ) -> requests.Response:
        """One request as it is."""
        url = f"{self._url}/?{encoded(parameters)}"
        data = encoded(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        return requests.request(method, url, headers={**headers, **kind}, data=data, timeout=PATIENCE)

    def v3(
        self,
        parameters: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        key: AccessKey = TEST_KEY,
        headers: Mapping[str, str | None] | None = None,
        form: Mapping[str, str] | None = None,
        unsigned: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request signed with ACS3-HMAC-SHA256.

        Args:
            parameters: the query.
            method: GET or another.
            key: to sign with.
            headers: to sign beside the usual ones, or instead of them; None leaves one out.
            form: the body.
            unsigned: headers changed after signing.
        """
        given = parameters or {}
        body = encoded(form) if form else ""
        usual: dict[str, str | None] = {
            "host": self.host,
            "x-acs-action": OPERATION,
            "x-acs-version": VERSION,
            "x-acs-date": stamp(),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body.encode()).hexdigest(),
        }
        signed = {name: value for name, value in (usual | dict(headers or {})).items() if value is not None}
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        payload = hashlib.sha256(body.encode()).hexdigest()
        canonical = f"{method}\n/\n{encoded(given)}\n{lines}\n{names}\n{payload}"
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(key.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        authorization = f"ACS3-HMAC-SHA256 Credential={key.id},SignedHeaders={names},Signature={signature}"
        return self.send(method, given, {"authorization": authorization} | signed | dict(unsigned or {}), form or {})

    def v2(
        self,
        parameters: Mapping[str, str | None] | None = None,
        *,
        method: str = "GET",
        key: AccessKey = TEST_KEY,
        as_form: bool = False,
        unsigned: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request signed with HMAC-SHA1.

        Args:
            parameters: beside the usual ones, or instead of them; None leaves one out.
            method: GET or another.
            key: to sign with.
            as_form: they go into the body, not into the query.
            unsigned: parameters changed after signing.
        """
        usual: dict[str, str | None] = {
            "Action": OPERATION,
            "Version": VERSION,
            "Timestamp": stamp(),
            "SignatureNonce": uuid.uuid4().hex,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "AccessKeyId": key.id,
        }
        signed = {name: value for name, value in (usual | dict(parameters or {})).items() if value is not None}
        to_sign = f"{method}&%2F&{quote(encoded(signed), safe='~')}"
        digest = hmac.new(f"{key.secret}&".encode(), to_sign.encode(), hashlib.sha1).digest()
        sent = {"Signature": base64.b64encode(digest).decode()} | signed | dict(unsigned or {})
        return self.send(method, {}, {}, sent) if as_form else self.send(method, sent, {}, {})
