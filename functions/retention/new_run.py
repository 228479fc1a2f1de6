"""The first message of a run, whoever starts it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from functions.retention.message import Mode, RunMessage, Trigger
from functions.retention.preflight import LONGEST_RUN


def new_message(
    file_system: str,
    *,
    digest: str,
    trigger: Trigger,
    mode: Mode,
    at: float,
    now: float,
    narrowing: Mapping[str, Any] | None = None,
    as_of: float | None = None,
) -> RunMessage:
    """The first message of a run.

    Args:
        file_system: where.
        digest: of the deployed policies.
        trigger: who starts it.
        mode: dry-run or enforce.
        at: when the timer fired or the person asked, epoch seconds. A repeated request of the same moment is the same
            run, so that it duplicates messages and never forks runs.
        now: epoch seconds.
        narrowing: how the request narrows the policies.
        as_of: the moment ages are measured at, if it is not `at`.
    """
    parts = (file_system, f"{at:.3f}", digest, mode, trigger, repr(sorted((narrowing or {}).items())))
    run = hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
    return RunMessage(
        run=run,
        file_system=file_system,
        trigger=trigger,
        mode=mode,
        digest=digest,
        as_of=min(at if as_of is None else as_of, now),
        not_after=now + LONGEST_RUN,
        sent_at=now,
        line=run[:12],
        narrowing=narrowing or {},
    )
