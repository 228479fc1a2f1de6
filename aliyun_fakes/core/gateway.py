"""The vendor's API gateway: what every RPC-style service behind it has in common.

Which operation a request names, who signed it, whether that identity may, in which format the answer goes, and
the errors that come from the gateway rather than from a service. A service hands it one function per operation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

from aliyun_fakes.core.coverage import Mark
from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.http import Request, Response
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.core.signatures.acs import AcsVerifier, SignatureRefused

GW_CODES = "gateway client error list (developer community; Mobile Push and PolarDB error pages)"
NAS_2019 = "NAS service error list, AlibabaCloudDocs/nas 2019-09"
RAM_PAGE = "RAM help: troubleshoot permission denials; ECS notice on authentication changes, 2025"
PATTERN = "follows the gateway's Missing{Parameter} / Invalid{Parameter} pattern"


class ApiError(Exception):
    """An error answer.

    Attributes:
        code: e.g. ``InvalidFileSystem.NotFound``.
        status: HTTP status.
        message: as sent.
        details: further children of the error body.
    """

    def __init__(self, code: str, status: int, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code, self.status, self.message = code, status, message
        self.details = dict(details or {})


@dataclass(frozen=True)
class ErrorKind:
    """One error a service knows.

    Attributes:
        code: its name.
        status: HTTP status.
        message: the published template; ``%Name`` and ``% Name`` are places the server fills.
        source: the page it comes from.
        mark: how well it is known.
    """

    code: str
    status: int
    message: str
    source: str
    mark: Mark = "documented"

    def error(self, **fills: str) -> ApiError:
        """The answer, with the template's places filled."""
        message = self.message
        for name, value in fills.items():
            message = message.replace(f"% {name}", value).replace(f"%{name}", value)
        return ApiError(self.code, self.status, message)


def missing(name: str) -> ErrorKind:
    """400 ``Missing{Parameter}`` (the pattern is documented: gateway client error list; its use here is assumed)."""
    return ErrorKind(f"Missing{name}", 400, f"{name} is mandatory for this action.", PATTERN, "assumed")


def invalid(name: str) -> ErrorKind:
    """400 ``Invalid{Parameter}`` (the pattern is documented: gateway client error list; its use here is assumed)."""
    return ErrorKind(f"Invalid{name}", 400, f"Specified parameter {name} is not valid.", PATTERN, "assumed")


_GATEWAY = (
    ErrorKind("Throttling.User", 400, "Request was denied due to user flow control.", GW_CODES),
    ErrorKind("InvalidApi.NotFound", 404, "Specified api is not found,please check your url and method.", GW_CODES),
    *(missing(name) for name in ("Action", "Version")),
    invalid("Version"),
    ErrorKind("UnsupportedHTTPMethod", 400, "This http method is not supported.", GW_CODES),
    ErrorKind("InvalidParameter.Format", 400, "Specified parameter Format is not valid.", GW_CODES),
    ErrorKind("InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.", GW_CODES),
    ErrorKind("InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled.", GW_CODES),
    ErrorKind("SignatureDoesNotMatch", 400, "Specified signature is not matched with our calculation.", GW_CODES),
    ErrorKind("SignatureNonceUsed", 400, "Specified signature nonce was used already.", GW_CODES),
    ErrorKind("InvalidTimeStamp.Format", 400, "Specified time stamp or date value is not well formatted.", GW_CODES),
    ErrorKind("InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired.", GW_CODES),
    *(missing(name) for name in ("AccessKeyId", "Signature", "SignatureNonce", "SignatureMethod")),
    *(missing(name) for name in ("SignatureVersion", "Timestamp")),
    *(invalid(name) for name in ("SignatureMethod", "SignatureVersion")),
    ErrorKind(
        "IncompleteSignature", 400, "The request signature does not conform to Aliyun standards.", GW_CODES, "assumed"
    ),
    replace(missing("SecurityToken"), source="kubevela issue 191 (status unknown)"),
    ErrorKind(
        "InvalidSecurityToken.Expired",
        400,
        "Specified SecurityToken is expired.",
        "kubevela issue 52 (status unknown)",
        "assumed",
    ),
    ErrorKind(
        "InvalidSecurityToken.MismatchWithAccessKey",
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
        "RAM error pages of sibling products",
        "assumed",
    ),
    ErrorKind(
        "Forbidden.RAM",
        403,
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
        RAM_PAGE,
    ),
    ErrorKind("InternalError", 500, "The request processing has failed due to some unknown error.", NAS_2019),
    ErrorKind("ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.", NAS_2019),
    ErrorKind("ServiceTimeout", 504, "The request processing has timed out.", NAS_2019),
)
GATEWAY_ERRORS: Mapping[str, ErrorKind] = {kind.code: kind for kind in _GATEWAY}


@dataclass(frozen=True)
class Call:
    """One checked call.

    Attributes:
        operation: the action's name.
        parameters: from query and form; the gateway's own are among them.
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
        default_format: Literal["JSON", "XML"] = "JSON",
        verifier: AcsVerifier | None = None,
    ) -> None:
        self._product, self._version = product, version
        self._ids = ids
        self._default_format = default_format
        self._verifier = verifier or AcsVerifier(keys)

    def answer(self, request: Request, operations: Mapping[str, Operation]) -> Response:
        """Check a call, run its operation and render what came of it."""
        request_id = self._ids.request_id()
        wants = self._format(request)
        try:
            call, operation = self._check(request, operations, request_id)
            body = {"RequestId": request_id} | dict(operation(call))
        except ApiError as error:
            return self._render_error(request, error, request_id, wants)
        if wants == "XML":
            return Response.of_xml(200, to_xml(f"{call.operation}Response", body))
        return Response.of_json(200, body)

    def failure(self, request: Request, fault: Fault) -> Response:
        """The error reply of a fault of the kinds ``status`` and ``throttle``."""
        if fault.kind == "throttle":
            error = GATEWAY_ERRORS["Throttling.User"].error()
        else:
            error = ApiError(fault.code, fault.status, fault.message)
        return self._render_error(request, error, self._ids.request_id(), self._format(request))

    def _check(self, request: Request, operations: Mapping[str, Operation], request_id: str) -> tuple[Call, Operation]:
        name = operation_of(request)
        version = version_of(request)
        for given, what in ((name, "Action"), (version, "Version")):
            if not given:
                raise GATEWAY_ERRORS[f"Missing{what}"].error()
        if version != self._version:
            raise GATEWAY_ERRORS["InvalidVersion"].error()
        operation = operations.get(name)
        if operation is None:
            raise GATEWAY_ERRORS["InvalidApi.NotFound"].error()
        if request.method not in ("GET", "POST"):
            raise GATEWAY_ERRORS["UnsupportedHTTPMethod"].error()
        if _parameter(request, "Format").upper() not in ("", *FORMATS):
            raise GATEWAY_ERRORS["InvalidParameter.Format"].error()
        key = self._authenticate(request)
        self._authorise(key, name)
        return Call(name, request.query | request.form, key, request_id), operation

    def _authenticate(self, request: Request) -> AccessKey:
        try:
            return self._verifier.verify(request)
        except SignatureRefused as refusal:
            raise GATEWAY_ERRORS[refusal.code].error() from refusal

    def _authorise(self, key: AccessKey, operation: str) -> None:
        action = f"{self._product}:{operation}"
        if key.may(action):
            return
        error = GATEWAY_ERRORS["Forbidden.RAM"].error()
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

    def _render_error(self, request: Request, error: ApiError, request_id: str, wants: str) -> Response:
        link = f"https://api.aliyun.com/troubleshoot?q={quote(error.code)}&product={self._product.upper()}"
        body = {
            "RequestId": request_id,
            "HostId": request.host,
            "Code": error.code,
            "Message": error.message,
            "Recommend": f"{link}&requestId={request_id}",
        } | error.details
        if wants == "XML":
            return Response.of_xml(error.status, to_xml("Error", body))
        return Response.of_json(error.status, body)


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
