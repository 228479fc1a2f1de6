"""Notices a run that gets no further, however many slices it takes.

After a hand-over the open directories above the place to go on at are listed again, as far as they have subdirectories
to find. A directory with more pages than a slice can list would keep every slice from getting any further.
"""

from dataclasses import replace

from functions.retention.core import Stop
from functions.retention.jobs import Progress
from functions.retention.walk import Walk

CUT_SHORT = 10
"""With fewer listings a slice proves nothing: a lone one makes about 1 200, one of six in an invocation about 200."""

MOST_STUCK = 5
"""Such slices in a row after which the run ends; the next may be alone in its invocation, and come further."""


def count_stuck(progress: Progress, walk: Walk) -> Progress:
    """The progress after a slice's walk."""
    if not walk.is_resuming:
        return replace(progress, stuck=0)
    return replace(progress, stuck=progress.stuck + (walk.list_calls >= CUT_SHORT))


def stop_at_standstill(progress: Progress) -> Stop | None:
    """Whether the run has to end for it."""
    if progress.stuck < MOST_STUCK:
        return None
    again = "to find its place again after a hand-over took whole slices: a directory of very many pages"
    return Stop("standstill", f"{progress.stuck} slices in a row came no further; {again}")
