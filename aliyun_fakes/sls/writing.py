"""What a log group must be to be written. One log that is not right fails the whole (documented: PutLogs page)."""

from aliyun_fakes.sls.codec import Log, LogGroup
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.settings import SlsSettings

RESERVED_KEYS = frozenset(
    {b"__time__", b"__source__", b"__topic__", b"__partition_time__", b"_extract_others_", b"__extract_others__"}
)
"""Keys a log may not have (documented: "Data model" page, 2020)."""

_LAST_TIME = 2**32  # Time is a uint32


def check_group(group: LogGroup, settings: SlsSettings, now: float) -> None:
    """Refuse what the service would refuse.

    A group without logs, or a log without contents, cannot be parsed (documented as required fields; the code is
    assumed).

    Args:
        group: as decoded.
        settings: the limits.
        now: the fakes' time, which log times are compared with.

    Raises:
        SlsError: for the first log that is not right.
    """
    if not group.logs or not all(log.contents for log in group.logs):
        raise SlsError("PostBodyInvalid")
    if settings.max_logs_per_put is not None and len(group.logs) > settings.max_logs_per_put:
        raise SlsError("TooManyLogs")
    _check_text(group.topic, group.source, *(text for tag in group.tags for text in tag))
    for log in group.logs:
        _check_time(log, settings, now)
        _check_contents(log, settings)


def _check_time(log: Log, settings: SlsSettings, now: float) -> None:
    if not 0 < log.time < _LAST_TIME or not 0 <= (log.nanoseconds or 0) < 1_000_000_000:  # noqa: PLR2004 - a second
        raise SlsError("InvalidTimestamp")
    age = settings.log_age_seconds
    if age is not None and not now - age <= log.time <= now + settings.log_future_seconds:
        raise SlsError("TimeOutOfRange")


def _check_contents(log: Log, settings: SlsSettings) -> None:
    keys = [key for key, _ in log.contents]
    if settings.unique_keys and len(set(keys)) != len(keys):
        raise SlsError("InvalidKey")
    for key, value in log.contents:
        if not key or len(key) > settings.max_key_bytes or key in RESERVED_KEYS:
            raise SlsError("InvalidKey")
        if len(value) > settings.max_value_bytes:
            raise SlsError("TooManyLogs")
        _check_text(key, value)


def _check_text(*texts: bytes) -> None:
    try:
        for text in texts:
            text.decode()
    except UnicodeDecodeError as error:
        raise SlsError("InvalidEncoding") from error
