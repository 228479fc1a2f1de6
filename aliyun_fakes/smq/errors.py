"""Every error of the queue service in one place: code, HTTP status, literal message, source.

Statuses and messages are those of the vendor's page "Error codes" (Simple Message Queue, 2024-12 and 2026-02)
unless a problem says otherwise. Misspellings such as ``InvalidDegist`` are the service's own.
"""

from dataclasses import dataclass

PAGE = "SMQ, Error codes, 2026-02"


@dataclass(frozen=True)
class Problem:
    """One kind of error.

    Attributes:
        code: the ``Code`` element.
        status: HTTP status.
        message: the ``Message`` element, with fields for `SmqError`.
        source: page the error is from.
    """

    code: str
    status: int
    message: str
    source: str = PAGE


class SmqError(Exception):
    """The service refuses a request.

    Args:
        problem: which kind.
        fields: what the problem's message has open.
    """

    def __init__(self, problem: Problem, **fields: object) -> None:
        self.problem = problem
        self.message = problem.message.format(**fields)
        super().__init__(f"{problem.code} ({problem.status}): {self.message}")

    @property
    def code(self) -> str:
        """The ``Code`` element."""
        return self.problem.code

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.problem.status


ACCESS_DENIED = Problem(
    "AccessDenied", 403, "The OwnerId that your Access Key Id associated to is forbidden for this operation."
)
INVALID_ACCESS_KEY_ID = Problem("InvalidAccessKeyId", 403, "The AccessKey Id you provided is not exist.")
INVALID_AUTHORIZATION_HEADER = Problem("InvalidAuthorizationHeader", 400, "The Authorization header format is invalid.")
INVALID_DATE_HEADER = Problem("InvalidDateHeader", 400, "The Date header format is invalid.")
INVALID_DEGIST = Problem("InvalidDegist", 400, "The Content-MD5 you specified is invalid.")
INVALID_QUEUE_NAME = Problem(
    "InvalidQueueName",
    400,
    "The queue name you provided is invalid. "
    "QueueName should start with alphabetic characters and contain only alphabetic characters, digits and -.",
)
INVALID_QUERY_STRING = Problem(
    "InvalidQueryString", 400, 'Http request URL contains invalid querystring item "{element}".'
)
INVALID_REQUEST_URL = Problem("InvalidRequestURL", 400, "Http request URL format invalid.")
INVALID_SCHEMA = Problem(
    "InvalidArgument", 400, "The XML you provided did not validate against our published schema, cause by {element}."
)
INVALID_VALUE = Problem("InvalidArgument", 400, "The value of {element} should between {low} and {high} seconds/bytes.")
MALFORMED_XML = Problem("MalformedXML", 400, "The XML you provided was not well-formed.")
MESSAGE_NOT_EXIST = Problem("MessageNotExist", 404, "Message not exist.")
MISSING_AUTHORIZATION_HEADER = Problem("MissingAuthorizationHeader", 400, "Authorization header is required.")
MISSING_DATE_HEADER = Problem("MissingDateHeader", 400, "Date header is required.")
MISSING_RECEIPT_HANDLE = Problem("MissingReceiptHandle", 400, "ReceiptHandle is required.")
MISSING_VISIBILITY_TIMEOUT = Problem("MissingVisibilityTimeout", 400, "VisibilityTimeout is required.")
QUEUE_ALREADY_EXIST = Problem("QueueAlreadyExist", 409, "The queue you want to create is already exist.")
QUEUE_DELETED_RECENTLY = Problem("QueueDeletedRecently", 400, "The queue you want to create is deleted recently.")
QUEUE_NAME_LENGTH_ERROR = Problem(
    "QueueNameLengthError",
    400,
    "The length of queue name should between 1 and {high}.",
    "SMQ, Error codes, 2026-02 (wording; it still says 256) and Limits (120 characters)",
)
QUEUE_NOT_EXIST = Problem("QueueNotExist", 404, "The queue name you provided is not exist.")
RECEIPT_HANDLE_ERROR = Problem("ReceiptHandleError", 400, "The receipt handle you provide is not valid.")
SIGNATURE_DOES_NOT_MATCH = Problem(
    "SignatureDoesNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
)
TIME_EXPIRED = Problem("TimeExpired", 408, "The http request you sent is expired.")
TOO_MANY_REQUESTS = Problem(
    "TooManyRequests",
    429,
    "The request is throttled. Please try again later.",
    "SMQ, Flow limiting policy (code and status; the wording is assumed)",
)

ALL = tuple(value for value in list(vars().values()) if isinstance(value, Problem))
BY_CODE = {problem.code: problem for problem in ALL}
