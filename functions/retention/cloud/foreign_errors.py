"""What is kept of an error that an SDK raised: names and numbers, never text.

Services and SDKs quote requests in their errors: headers, query strings, the string to sign. These hold the AccessKey
id, the token and a signature, in whatever encoding, perhaps cut. No search for a secret's exact text finds them all.
So nothing is searched for and nothing is quoted. Kept are, each only in its own narrow form:

- the code: letters and dots (documented: no code of NAS, SLS, SMQ or Function Compute that is used here has others);
- the HTTP status: a number;
- the request id: a UUID, or 16 to 40 hexadecimal digits (observed: fakes' sources, all four services);
- the name of a missing permission, such as ``nas:GetRecycleBinAttribute``;
- the class names of the exceptions behind a silence.

A value that has its form and shares six characters with a credential is left out too.
"""

import re
from collections.abc import Iterator

from functions.retention.cloud.settings import Credentials
from functions.retention.core import CloudError, NoAnswer

UNKNOWN_CODE = "UnknownCode"
"""Stands for a code that does not have the form of one."""

_CODE = re.compile(r"[A-Za-z]+(?:\.[A-Za-z]+)*")
_LONGEST_CODE = 100
_REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16,40}")
_PERMISSION = re.compile(r"(?<![A-Za-z])(?:nas|log|mns|fc|ram|sts|eventbridge):[A-Z][A-Za-z]{2,60}(?![A-Za-z])")
_STATUS = range(100, 600)
_ERROR_STATUS = 400
_DEEPEST = 8
"""Exceptions behind an exception that are named."""


def refusal(
    kind: type[CloudError],
    operation: str,
    credentials: Credentials,
    *,
    code: object,
    status: object = None,
    request_id: object = None,
    said: object = "",
    extra: str = "",
) -> CloudError:
    """Return an error of a service, without the service's text.

    Args:
        kind: what it means.
        operation: the API operation.
        credentials: nothing that shares characters with them is kept.
        code: the service's error code.
        status: HTTP status; anything else counts as not told.
        request_id: the service's id of the request.
        said: where the service may name a missing permission. Nothing else of it is kept.
        extra: what the caller recognised in the service's text, in the caller's words.
    """
    number = status if isinstance(status, int) and status in _STATUS else None
    words = f"HTTP status {number}" if number else "" if extra else "no HTTP status told"
    permission = _kept(_permission(str(said)), credentials)
    words += f" (missing permission: {permission})" if permission else ""
    words += f"{'; ' if words else ''}{extra}" if extra else ""
    return kind(operation, known_code(code, credentials), words, known_request_id(request_id, credentials))


def silence(operation: str, error: BaseException, credentials: Credentials) -> NoAnswer:
    """Return an error for a call without a usable reply, with the names of the exceptions that say why.

    Args:
        operation: the API operation.
        error: what the SDK or its transport raised.
        credentials: see `refusal`.
    """
    return NoAnswer(operation, known_code(type(error).__name__, credentials), silence_words(error, credentials))


def silence_words(error: BaseException, credentials: Credentials) -> str:
    """Return that there was no usable reply, and the names of the exceptions behind the one that says so."""
    names = [known_code(type(each).__name__, credentials) for each in _behind(error)][1:]
    return "no usable reply" + (f", because of {' < '.join(names)}" if names else "")


def known_code(code: object, credentials: Credentials) -> str:
    """Return an error code, or `UNKNOWN_CODE` for what does not have the form of one."""
    text = str(code)
    fits = len(text) <= _LONGEST_CODE and _CODE.fullmatch(text)
    return _kept(text if fits else "", credentials) or UNKNOWN_CODE


def known_request_id(request_id: object, credentials: Credentials) -> str:
    """Return a request id, or "" for what does not have the form of one."""
    text = str(request_id)
    return _kept(text if _REQUEST_ID.fullmatch(text) else "", credentials)


def is_error_status(status: object) -> bool:
    """Whether a value is the HTTP status of an error."""
    return isinstance(status, int) and _ERROR_STATUS <= status < _STATUS.stop


def _permission(said: str) -> str:
    found = _PERMISSION.search(said)
    return found[0] if found else ""


def _kept(text: str, credentials: Credentials) -> str:
    return "" if credentials.overlaps(text) else text


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An exception and those behind it: the SDK keeps them as ``inner_exception``, urllib3 as ``reason`` (observed)."""
    current: object = error
    for _ in range(_DEEPEST):
        if not isinstance(current, BaseException):
            return
        yield current
        inside = (getattr(current, "inner_exception", None), getattr(current, "reason", None), *current.args[:1])
        current = next(
            (each for each in inside if isinstance(each, BaseException)), current.__cause__ or current.__context__
        )
