"""What the fake Function Compute covers, row by row; a test holds it against the code."""

from collections.abc import Iterator

from aliyun_fakes.core.coverage import Behaviour, Mark
from aliyun_fakes.fc.errors import ERRORS
from aliyun_fakes.fc.urls import GET_FUNCTION, INVOKE, LIST_TRIGGERS

_RUNTIME = "bootstrap of the Python 3.10 runtime, public copy"
_CONTEXT = "Python context page, 2025-09"
_HANDLERS = "Event handlers page, 2025-09"
_ENVIRONMENT = "Environment variables page, 2026-04"
_LIMITS = "Limits page, 2026-02"
_ERRORS = "Error handling page of Python, 2026-03"
_LOGGING = "Logging page of Python"
_LIFECYCLE = "Instance lifecycle page"
_ASYNC = "Asynchronous invocation page"
_RETRIES = "Retry policies page of asynchronous invocation"
_TASKS = "Asynchronous task page"
_DESTINATIONS = "Result callback page"
_FORMATS = "Trigger event formats page"
_TIMERS = "Timer trigger page; FC3 prose docs"
_ADVANCED = "Advanced features of triggers page"
_QUEUES = "SMQ queue trigger page, 2026-09"
_SOURCES = "EventBridge event-source limits page"
_STREAM = "RunOptions page of the API 2023-03-30, 2026-06"
_PRICES = "Pay-as-you-go page, 2025-12"
_FC2 = "aliyun-fc2 2.5.2, wire"
_FC3 = "alibabacloud-fc20230330 4.8.3, wire"
_GET_FUNCTION = "GetFunction page of the API 2023-03-30, 2026-01; Function struct"
_LIST_TRIGGERS = "ListTriggers page of the API 2023-03-30, 2026-01; Trigger struct"
_OLD_TRIGGERS = "ListTriggers page of the API 2021-04-06, 2025-11"

_BEHAVIOURS: tuple[tuple[str, str, Mark, str, str], ...] = (
    # The wire.
    (INVOKE, "2016-08-15: services/{service[.qualifier]}/functions/{function}/invocations", "observed", _FC2, ""),
    (INVOKE, "2016-08-15: signature FC, HMAC-SHA256; the security token is signed", "observed", _FC2, ""),
    (INVOKE, "2016-08-15: the service is the name in s.yaml", "assumed", "3.0 has none; one name is at hand", ""),
    (INVOKE, "2023-03-30: functions/{function}/invocations?qualifier=", "observed", _FC3, ""),
    (INVOKE, "2023-03-30: signature ACS3-HMAC-SHA256", "observed", _FC3, ""),
    (INVOKE, "qualifier: LATEST only", "assumed", "this project publishes no versions", ""),
    (INVOKE, "signatures are valid for 15 minutes of the machine's clock", "documented", "HTTP trigger FAQ", ""),
    (INVOKE, "x-fc-invocation-type: Sync, Async (202)", "documented", _ASYNC, ""),
    (INVOKE, "x-fc-log-type: None, Tail (4 KB in X-Fc-Log-Result)", "observed", _FC2, ""),
    (INVOKE, "x-fc-async-delay: 0 to 3600 s", "documented", _ASYNC, ""),
    (INVOKE, "x-fc-async-task-id, x-fc-stateful-async-invocation-id", "documented", _TASKS, ""),
    (INVOKE, "payload up to 32 MB, asynchronously 128 KB", "documented", _LIMITS, ""),
    (INVOKE, "a function's error is 200 with X-Fc-Error-Type", "documented", _ERRORS, ""),
    (INVOKE, "X-Fc-Error-Type is UnhandledInvocationError for every failure", "assumed", "none other is published", ""),
    (INVOKE, "duration of what is refused or only queued", "assumed", "same region", "latency"),
    (INVOKE, "a synchronous reply may be late by one look", "assumed", "the fake asks again and again", "poll_step"),
    # Reading what is deployed, 2023-03-30 only.
    (GET_FUNCTION, "settings, environment, times and state, by their names in s.yaml", "documented", _GET_FUNCTION, ""),
    (GET_FUNCTION, "codeChecksum is a CRC-64 of the package", "documented", _GET_FUNCTION, ""),
    (GET_FUNCTION, "of ECMA-182, in decimal", "observed", "deployment tool fc3, which skips the upload by it", ""),
    (GET_FUNCTION, "the package that lies here counts as uploaded", "assumed", "the host runs the sources", ""),
    (GET_FUNCTION, "qualifier: LATEST only", "assumed", "this project publishes no versions", ""),
    (LIST_TRIGGERS, "triggers with their configuration as JSON in a text", "documented", _LIST_TRIGGERS, ""),
    (LIST_TRIGGERS, "prefix, limit and nextToken, which names the next trigger", "documented", _LIST_TRIGGERS, ""),
    (LIST_TRIGGERS, "limit: 20 unless told, 1 to 100", "assumed", _OLD_TRIGGERS, ""),
    (LIST_TRIGGERS, "an event stream reads enabled at once", "assumed", "documented is only that it takes a while", ""),
    (GET_FUNCTION, "unknown parameters are refused", "assumed", "nothing is said about it", ""),
    (LIST_TRIGGERS, "unknown parameters are refused", "assumed", "nothing is said about it", ""),
    # The runtime.
    ("*", "runtime: handler text, split at the last dot; folders before a slash", "observed", _RUNTIME, ""),
    ("*", "runtime: below a slash relative imports fail; dotted folders are packages", "observed", _RUNTIME, ""),
    ("*", "runtime: event is bytes", "documented", _HANDLERS, ""),
    ("*", "runtime: context with aliases, retry_count as text, logger None", "documented", _CONTEXT, ""),
    ("*", "runtime: retry_count is 0 for a synchronous invocation", "assumed", "no header is known for it", ""),
    ("*", "runtime: the request id stays the same over retries", "assumed", "task pages show one id per task", ""),
    ("*", "runtime: the platform's environment variables", "documented", _ENVIRONMENT, ""),
    ("*", "runtime: other FC_ and _FC_ variables are removed", "observed", _RUNTIME, ""),
    ("*", "runtime: text and bytes as they are, the rest as sorted JSON", "observed", _RUNTIME, ""),
    ("*", "runtime: an exception's message, type and stack as JSON", "documented", _ERRORS, ""),
    (
        "*",
        "runtime: ImportModuleError, UserCodeSyntaxError, HandlerNotFound, InvalidHandleName",
        "observed",
        _RUNTIME,
        "",
    ),
    ("*", "runtime: SystemExit and the like end the process", "observed", _RUNTIME, ""),
    ("*", "runtime: log lines with time, request id and level", "documented", _LOGGING, ""),
    ("*", "runtime: print and the initializer are left out", "assumed", "this project has neither", ""),
    # Instances.
    ("*", "instance: one request at a time, module executed once", "documented", _LIFECYCLE, ""),
    ("*", "instance: cold start, not billed", "assumed", "no figure is published", "cold_start"),
    ("*", "instance: kept warm while idle", "assumed", "no figure is published", "keep_warm"),
    ("*", "instance: ended by a time-out or a crash, never used again", "documented", _ERRORS, ""),
    ("*", "instance: so many at once in an account", "documented", _LIMITS, "account_instances"),
    ("*", "instance: so many new ones a minute", "documented", _LIMITS, "scale_out_per_minute"),
    ("*", "instance: reserved concurrency is a limit, and taken from the others", "documented", _LIMITS, ""),
    ("*", "cost: CU of vCPU, memory, disk and calls", "documented", _PRICES, ""),
    # Asynchronous invocations.
    ("*", "async: 3 retries by default, 0 to 8", "documented", _RETRIES, ""),
    ("*", "async: wait before a retry", "assumed", "no figure is published", "function_error_retry_delay"),
    ("*", "async: throttled: 0.5, 1, 2, 4 … s up to 5 h, unbilled", "documented", _RETRIES, "throttled_patience"),
    ("*", "async: throttled: the wait doubles without bound", "assumed", "no longest wait is published", ""),
    ("*", "async: maxAsyncEventAgeInSeconds, looked at before each attempt", "documented", _RETRIES, ""),
    ("*", "async: a known task id is refused in task mode", "documented", _TASKS, ""),
    (
        "*",
        "async: a task id counts for nothing without task mode",
        "assumed",
        "only task mode is said to tell apart",
        "",
    ),
    ("*", "async: onSuccess and onFailure to queues", "documented", _DESTINATIONS, ""),
    ("*", "async: timestamp in milliseconds, condition is the error's type", "assumed", "samples name no unit", ""),
    ("*", "async: letters in base64 or as they are", "assumed", "nothing is said about it", "destination_base64"),
    ("*", "async: a letter that cannot be written is lost", "assumed", "nothing is said about it", ""),
    # Timers.
    ("*", "timer: cron of six fields, UTC or CRON_TZ; @every", "documented", _TIMERS, ""),
    (
        "*",
        "timer: either day field is enough; skipped times do not fire",
        "assumed",
        "as the Go library of CRON_TZ",
        "",
    ),
    ("*", "timer: invokes asynchronously, payload as text", "documented", _FORMATS, ""),
    # Event streams.
    ("*", "stream: an array of CloudEvents, also of one", "documented", _FORMATS, ""),
    ("*", "stream: body decoded from base64 when asked for", "documented", "SourceMNSParameters page, 2026-06", ""),
    ("*", "stream: from visible to delivered", "assumed", "no figure is published", "queue_latency"),
    ("*", "stream: batch by count or time, whichever comes first", "documented", _ADVANCED, ""),
    ("*", "stream: asyncInvocationType, both documented readings", "documented", _ADVANCED, ""),
    ("*", "stream: waits five minutes for an answer", "documented", _QUEUES, "push_timeout"),
    ("*", "stream: the invocation it gave up on runs on", "assumed", "nothing ends it", ""),
    ("*", "stream: a message is deleted after its delivery", "documented", _SOURCES, ""),
    ("*", "stream: delivered means accepted in the concurrent reading", "assumed", "the moment is not said", ""),
    ("*", "stream: not processed within the visibility, it comes again", "documented", _SOURCES, ""),
    ("*", "stream: BACKOFF_RETRY, three more tries", "documented", _ADVANCED, "push_retry_delay"),
    ("*", "stream: EXPONENTIAL_DECAY_RETRY, 176 more tries", "documented", _ADVANCED, ""),
    ("*", "stream: errorsTolerance NONE stops it, ALL goes on", "documented", _STREAM, ""),
    ("*", "stream: dead letters carry the original body", "documented", _STREAM, ""),
    ("*", "stream: a served cloud has no functions until the queues exist", "assumed", "a trigger names its queue", ""),
    # Faults.
    ("*", "fault: a batch is delivered twice", "documented", f"{_ASYNC}: at least once", "delivery_faults.duplicate"),
    (
        "*",
        "fault: the second delivery's distance",
        "assumed",
        "no figure is published",
        "delivery_faults.duplicate_after",
    ),
    ("*", "fault: a message is overtaken", "assumed", "no order is promised", "delivery_faults.reorder"),
    ("*", "fault: for how long it is held back", "assumed", "no figure is published", "delivery_faults.reorder_hold"),
    ("*", "fault: an accepted batch never runs", "assumed", "worse than promised", "delivery_faults.drop"),
)


def _rows() -> Iterator[Behaviour]:
    for operation, what, mark, source, switch in _BEHAVIOURS:
        yield Behaviour("fc", operation, what, mark, source, switch)
    for kind in ERRORS:
        yield Behaviour("fc", "*", f"{kind.status} {kind.code}: {kind.message}", kind.mark, kind.source)


COVERAGE: tuple[Behaviour, ...] = tuple(_rows())
"""Every row."""
