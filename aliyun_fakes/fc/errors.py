"""Every error the service answers with: code, HTTP status, message, source. In one place."""

from dataclasses import dataclass

from aliyun_fakes.core.coverage import Mark

_CODES = "Function Compute error codes page (help/en/functioncompute/error-codes)"


@dataclass(frozen=True)
class ErrorKind:
    """One error: `message` is a format string; `source` says where it is written down."""

    code: str
    status: int
    message: str
    mark: Mark
    source: str


INVALID_ARGUMENT = ErrorKind("InvalidArgument", 400, "{detail}", "documented", _CODES)
MISSING_HEADER = ErrorKind(
    "MissingRequiredHeader", 400, "required HTTP header {detail} was not specified", "documented", _CODES
)
PATH_NOT_SUPPORTED = ErrorKind("PathNotSupported", 400, "{detail} is not supported", "documented", _CODES)
ENTITY_TOO_LARGE = ErrorKind(
    "EntityTooLarge", 400, "payload size exceeds maximum allowed size ({detail} bytes)", "documented", _CODES
)
ACCESS_DENIED = ErrorKind("AccessDenied", 403, "{detail}", "documented", _CODES)
SIGNATURE_NOT_MATCH = ErrorKind(
    "SignatureNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your access key and "
    "signing method",
    "documented",
    _CODES,
)
INVALID_ACCESS_KEY = ErrorKind("InvalidAccessKeyID", 403, "invalid access key ID '{detail}'", "documented", _CODES)
SERVICE_NOT_FOUND = ErrorKind("ServiceNotFound", 404, "service '{detail}' does not exist", "documented", _CODES)
FUNCTION_NOT_FOUND = ErrorKind(
    "FunctionNotFound",
    404,
    "function '{detail}' does not exist",
    "assumed",
    f"code: Error struct of the API 2023-03-30; status and text: after its neighbours in the {_CODES}",
)
ALIAS_NOT_FOUND = ErrorKind("AliasNotFound", 404, "alias '{detail}' does not exist", "documented", _CODES)
TASK_EXISTS = ErrorKind(
    "StatefulAsyncInvocationAlreadyExists",
    409,
    "the stateful async invocation '{detail}' already exists",
    "assumed",
    "code: an official sample for FC 2.0 looks for it; status: asynchronous task page; text: none published",
)
THROTTLED = ErrorKind(
    "ResourceExhausted",
    429,
    "concurrency limit exceeded: {detail}",
    "assumed",
    "code and status: error codes of developer.aliyun.com/ask/279119; text: none published",
)

ERRORS = (
    INVALID_ARGUMENT,
    MISSING_HEADER,
    PATH_NOT_SUPPORTED,
    ENTITY_TOO_LARGE,
    ACCESS_DENIED,
    SIGNATURE_NOT_MATCH,
    INVALID_ACCESS_KEY,
    SERVICE_NOT_FOUND,
    FUNCTION_NOT_FOUND,
    ALIAS_NOT_FOUND,
    TASK_EXISTS,
    THROTTLED,
)


class FcError(Exception):
    """The service refuses.

    Attributes:
        kind: which error.
        message: as on the wire.
    """

    def __init__(self, kind: ErrorKind, detail: str = "") -> None:
        self.kind = kind
        self.message = kind.message.format(detail=detail)
        super().__init__(f"{kind.code}: {self.message}")
