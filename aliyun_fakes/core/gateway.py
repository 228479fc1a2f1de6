"""The vendor's API gateway: what every RPC-style service behind it has in common.

Which operation a request names, who signed it, whether that identity may, in which format the answer goes, and
the errors that come from the gateway rather than from a service. A service hands it one function per operation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.http import Request, Response
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.core.signatures.acs import AcsVerifier
from aliyun_fakes.core.signatures.refusal import SignatureRefused
from aliyun_fakes.core.tables import ServiceError, read_table


class GatewayError(ServiceError):
    """The gateway refuses a request."""

    table = read_table(Path(__file__).with_name("gateway.yaml"))


@dataclass(frozen=True)
class Call:
    """One checked call.

    Attributes:
        operation: the action's name.
        parameters: from query and form; the gateway's own are among them. An empty one counts as absent, except in a
            list: ``Tag.1.Value`` may be empty (assumed).
        key: who calls.
        request_id: of the answer.
    """

    operation: str
    parameters: Mapping[str, str]
    key: AccessKey
    request_id: str


FORMATS = ("JSON", "XML")

Answer = Mapping[str, object]
Operation = Callable[[Call], Answer]


def operation_of(request: Request) -> str:
    """The action a request names, in its headers or its parameters, or "" (observed: SDK 3.7.5 sends headers)."""
    return request.headers.get("x-acs-action") or _parameter(request, "Action")


def version_of(request: Request) -> str:
    """The API version a request names, or ""."""
    return request.headers.get("x-acs-version") or _parameter(request, "Version")


def _parameter(request: Request, name: str) -> str:
    return request.query.get(name) or request.form.get(name, "")


class Gateway:
    """The gateway in front of one service.

    Args:
        product: as in RAM actions and links, e.g. ``nas``.
        version: the API version it serves.
        keys: the identities known.
        ids: request ids.
        known: every operation of the vendor's; one that the fake lacks is refused by its name.
        default_format: of the answer when the request asks for none. Assumed: the V2 signature page says XML,
            the NAS page of 2019 JSON.
        verifier: of signatures; its own when omitted.
    """

    def __init__(
        self,
        product: str,
        version: str,
        keys: AccessKeys,
        ids: Ids,
        *,
        known: frozenset[str] = frozenset(),
        default_format: Literal["JSON", "XML"] = "JSON",
        verifier: AcsVerifier | None = None,
    ) -> None:
        self._product, self._version = product, version
        self._ids, self._known = ids, known
        self._default_format = default_format
        self._verifier = verifier or AcsVerifier(keys)

    def answer(self, request: Request, operations: Mapping[str, Operation]) -> Response:
        """Check a call, run its operation and render what came of it."""
        request_id = self._ids.request_id()
        wants = self._format(request)
        try:
            call, operation = self._check(request, operations, request_id)
            body = {"RequestId": request_id} | dict(operation(call))
        except ServiceError as error:
            return self._refuse(request, error, request_id)
        if wants == "XML":
            return Response.of_xml(200, to_xml(f"{call.operation}Response", body))
        return Response.of_json(200, body)

    def failure(self, request: Request, fault: Fault) -> Response:
        """The error reply of a fault of the kinds ``status`` and ``throttle``."""
        error = GatewayError("Throttling.User") if fault.kind == "throttle" else fault
        return self._refuse(request, error, self._ids.request_id())

    def _check(self, request: Request, operations: Mapping[str, Operation], request_id: str) -> tuple[Call, Operation]:
        name = operation_of(request)
        version = version_of(request)
        for given, what in ((name, "Action"), (version, "Version")):
            if not given:
                raise GatewayError(f"Missing{what}")
        if version != self._version:
            raise GatewayError("InvalidVersion")
        operation = operations.get(name)
        if operation is None:
            raise GatewayError("OperationLacking", name) if name in self._known else GatewayError("InvalidApi.NotFound")
        if request.method not in ("GET", "POST"):
            raise GatewayError("UnsupportedHTTPMethod")
        if _parameter(request, "Format").upper() not in ("", *FORMATS):
            raise GatewayError("InvalidParameter.Format")
        key = self._authenticate(request)
        self._authorise(key, name)
        parameters = {each: value for each, value in (request.query | request.form).items() if value or "." in each}
        return Call(name, parameters, key, request_id), operation

    def _authenticate(self, request: Request) -> AccessKey:
        try:
            return self._verifier.verify(request)
        except SignatureRefused as refusal:
            raise GatewayError(refusal.code, refusal.subject) from refusal

    def _authorise(self, key: AccessKey, operation: str) -> None:
        action = f"{self._product}:{operation}"
        if key.may(action):
            return
        error = GatewayError("Forbidden.RAM")
        error.details["AccessDeniedDetail"] = {
            "AuthAction": action,
            "AuthPrincipalDisplayName": key.id,
            "AuthPrincipalType": "SubUser" if key.security_token is None else "AssumedRoleUser",
            "NoPermissionType": "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
        }
        raise error

    def _format(self, request: Request) -> str:
        asked = _parameter(request, "Format").upper()
        if asked in FORMATS:
            return asked
        accept = request.headers.get("accept", "")
        if "json" in accept:
            return "JSON"
        return "XML" if "xml" in accept else self._default_format

    def _refuse(self, request: Request, error: ServiceError | Fault, request_id: str) -> Response:
        link = f"https://api.aliyun.com/troubleshoot?q={quote(error.code)}&product={self._product.upper()}"
        body: dict[str, object] = {
            "RequestId": request_id,
            "HostId": request.host,
            "Code": error.code,
            "Message": error.message,
            "Recommend": f"{link}&requestId={request_id}",
            **(error.details if isinstance(error, ServiceError) else {}),
        }
        if self._format(request) == "XML":
            return Response.of_xml(error.status, to_xml("Error", body))
        return Response.of_json(error.status, body)


UNKNOWN = "Unknown"


class RpcService:
    """A service behind a `Gateway`, as the dispatcher calls it; see `aliyun_fakes.core.dispatch.Service`.

    A subclass says which requests are its own, and how long a reply takes.

    Args:
        gateway: in front of it.
        operations: by name.
    """

    def __init__(self, gateway: Gateway, operations: Mapping[str, Operation]) -> None:
        self._gateway, self._operations = gateway, operations

    def operation(self, request: Request) -> str:
        """Name of the operation that a request is for, or ``Unknown``."""
        name = operation_of(request)
        return name if name in self._operations else UNKNOWN

    def handle(self, request: Request) -> Response:
        """Check, act, answer."""
        return self._gateway.answer(request, self._operations)

    def failure(self, request: Request, fault: Fault) -> Response:
        """A fault of kind ``status`` as scheduled, ``throttle`` as Throttling.User."""
        return self._gateway.failure(request, fault)


def to_xml(name: str, value: object) -> str:
    """An XML document; a list becomes repeated elements of its name (assumed from the pages' XML samples)."""
    return "<?xml version='1.0' encoding='UTF-8'?>" + "".join(_elements(name, value))


def _elements(name: str, value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        yield f"<{name}>"
        for child, content in value.items():
            yield from _elements(child, content)
        yield f"</{name}>"
    elif isinstance(value, list):
        for item in value:
            yield from _elements(name, item)
    elif isinstance(value, bool):
        yield f"<{name}>{str(value).lower()}</{name}>"
    else:
        yield f"<{name}>{escape(str(value))}</{name}>"
