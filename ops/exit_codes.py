"""How a command ends: exit codes, and which error means which."""

from functions.retention.core import (
    CloudError,
    ConfigurationError,
    EventError,
    NoAnswer,
    PolicyError,
    RetentionError,
    Throttled,
)

DONE = 0
"""Done; a dry run that showed its plan, a doctor that found nothing wrong."""
USAGE = 2
"""The command, s.yaml or the policy file cannot be used; nothing was called."""
PARTIAL = 3
"""Some of it was done and some not, or the doctor found something wrong."""
REFUSED = 4
"""A service or a function said no."""
UNREACHABLE = 5
"""A service gave no usable answer, or throttled for too long; what it did is unknown."""

INTERRUPTED = 130
"""Stopped by Ctrl-C, as shells count it. What was begun in the cloud goes on."""

TABLE = (
    "Exit codes: 0 done, 2 usage, 3 partial (or doctor, lint or plan found something to mend), 4 refused, "
    "5 unreachable, 130 interrupted."
)


class Partial(RetentionError):
    """Some of a command's work was done before it failed; the message says what came after what."""


def code_of(error: RetentionError) -> int:
    """The exit code for an error."""
    if isinstance(error, Partial):
        return PARTIAL
    if isinstance(error, Throttled | NoAnswer):
        return UNREACHABLE
    if isinstance(error, CloudError):
        return REFUSED
    return USAGE if isinstance(error, ConfigurationError | PolicyError | EventError) else REFUSED
