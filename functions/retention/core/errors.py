"""The project's exceptions.

::

    RetentionError
    ├── EventError               an event that parses to no request (poison: dead-letter it)
    │   └── Unsealed             a message that carries no seal of the functions that verifies (`core.seal`)
    ├── ConfigurationError       an environment variable or deployment value that cannot be used
    ├── PolicyError              a policy file that cannot be used
    │   └── NarrowingRefused     an event that tried to widen what the policy file allows
    └── CloudError               a service's refusal or silence, after retries
        ├── Throttled            come back later; the service said so
        ├── NotFound             the file system, entry or job does not exist (any more)
        ├── StaleToken           a pagination token the service no longer takes
        ├── SlotBusy             a job is running on the file system
        ├── Refused              any other definite "no"
        ├── NoAnswer             no reply: whether it had an effect is unknown
        └── MutationRefused      a dry run reached a call that changes something
"""

from collections.abc import Sequence
from typing import NamedTuple


class RetentionError(Exception):
    """The root of everything this project raises on purpose."""


class EventError(RetentionError):
    """An event that parses to no request: what was wrong, where, and what is allowed."""


class ConfigurationError(RetentionError):
    """A value of the environment that cannot be used; the message names the variable and what it takes."""


class PolicyError(RetentionError):
    """A policy file that cannot be used.

    Args:
        problems: one line per problem, each naming file, line, key and the allowed values.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NarrowingRefused(PolicyError):
    """An event tried to widen a policy; the problems name the guardrail that forbids it."""


class CloudError(RetentionError):
    """A service said no, or nothing, and retrying inside the call did not help.

    Args:
        operation: the API operation, e.g. ``CreateRecycleBinDeleteJob``.
        code: the service's error code, or the kind of silence when there was none.
        message: the service's message; never holds credentials.
        request_id: the service's id of the request, empty when there was no reply.
    """

    def __init__(self, operation: str, code: str, message: str, request_id: str = "") -> None:
        super().__init__(f"{operation}: {code}: {message}" + (f" (request {request_id})" if request_id else ""))
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id


TOO_LATE = "TooLate"
"""Code of a `Throttled` call that was not sent, since its turn came after the moment until which it may be sent."""


_DENIALS = (
    *("NoPermission", "Forbidden", "Unauthorized", "AccessDenied", "InvalidAccessKeyId", "InvalidSecurityToken"),
    *("MissingSecurityToken", "IncompleteSignature", "SignatureDoesNotMatch", "InvalidAction", "InvalidVersion"),
)


def is_denied(error: CloudError) -> bool:
    """Whether a refusal concerns the caller, by its code, and not the one thing that was asked for.

    Assumed: no page says which codes concern all things alike. Another code counts for one thing only.
    """
    return error.code.startswith(_DENIALS)


class Throttled(CloudError):
    """Flow control refused the call (documented: any code that starts with ``Throttling``, HTTP 400)."""


class NotFound(CloudError):
    """The file system, entry, job or queue does not exist, or not any more."""


class StaleToken(CloudError):
    """The pagination token is not valid (documented: 404 ``InvalidParameter.InvalidNextToken``): list again."""


class SlotBusy(CloudError):
    """A deletion or restoration job is running on the file system (documented: 403, two codes)."""


class Refused(CloudError):
    """Any other definite refusal: permissions, keys, parameters."""


class NoAnswer(CloudError):
    """No usable reply: a time-out, a dropped connection, a page of garbage. The effect is unknown."""


class MutationRefused(CloudError):
    """A dry run reached a call that changes something; the wrapper refused it before it left."""


Key = str | int


class Problem(NamedTuple):
    """What is wrong in a policy file and where: the keys and indexes that lead there."""

    where: tuple[Key, ...]
    what: str


class ContradictionsError(ValueError):
    """Parts of a policy file that are well-formed alone and cannot stand together."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = tuple(problems)
