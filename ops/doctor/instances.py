"""Whether there are instances for all file systems. Nothing is called."""

import math
from collections.abc import Iterator

from functions.retention.policy import PolicyFile
from ops.doctor.finding import Finding
from ops.names import Deployment

SPARE = 1.5
"""Instances for each full batch: runs that begin together do not always go on together (observed on the fakes)."""


def instances(deployment: Deployment, file: PolicyFile) -> Iterator[Finding]:
    """Whether purge may have an instance for each file system, which is enough whatever their jobs take.

    It counts where the event stream does not wait for an invocation. An asynchronous event that finds no instance is
    tried again at intervals that double (documented: error handling page, 2026-04) and given up at its age.

    Raises:
        ConfigurationError: s.yaml has no purge function.
    """
    purge, count = deployment.function("purge"), len(file.guardrails.file_systems)
    if purge.concurrency_config is None or count <= purge.concurrency_config.reserved_concurrency:
        return
    limit = purge.concurrency_config.reserved_concurrency
    batch = min((stream.trigger_config.run_options.batch_window.count for stream in purge.streams), default=1)
    for_batches = math.ceil(SPARE * count / batch)
    enough = f"{for_batches} are enough" if for_batches > limit else "these are enough"
    yield Finding(
        "notice",
        "instances",
        f"{count} file systems, {limit} instances of purge: a run that finds none is lost until the next sweep, unless "
        "the event stream waits for each batch",
        f"if the invocation method of the trigger is asynchronous, raise purge_concurrency in s.yaml to {count}; "
        f"where jobs take up to a minute {enough}",
    )
