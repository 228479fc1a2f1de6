"""The message from one slice of a run to the next: which run it is and how far it came.

It carries positions and counts. The next slice lists and judges by itself, with the policies that it finds deployed.
It stops when their digest is not the message's. The functions work on no message without their seal.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from functions.retention.core import (
    EventError,
    RunEnd,
    validated,
)
from functions.retention.jobs import Count, Moment, Pace, Progress, RunningJob
from functions.retention.policy import MESSAGE_VERSION
from functions.retention.walk import Cursor, Tally

MAX_BYTES = 4_096
"""Far below the queue's 64 KB, so that a batch of messages fits an asynchronous invocation's 128 KB."""

THROTTLE_PAUSE = 60.0
"""Seconds until the next slice when a service throttled this one or kept silent."""

ROOM_TO_GROW = 1_300
"""Bytes by which a message can grow until its run ends: counters, the reason why it ends. See `parse_message`."""

MAX_DETAIL = 300
"""Bytes of the sentence why a run ends that travel; a longer one is cut."""

CURSOR_ROOMS = (1_600, 800, 400)
"""How many bytes of open paths are sent, the first that fits: a shorter cursor walks more of them again."""

NAMED_POLICIES = (64, 8, 0)
"""How many policies are counted by name, the first that fits; the others are counted together."""

Mode = Literal["dry-run", "enforce"]

Phase = Literal["survey", "purge"]

Trigger = Literal["sweep", "console", "request"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Where a run's set is.

    Attributes:
        head: id of its last part; empty when it has no target.
        run: id of the run whose records hold the parts.
        since: when that run began, epoch seconds.
        walks: how many targets each walk of the purge may take, the first in order.
    """

    head: str
    run: str
    since: Moment
    walks: tuple[Count, ...]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class RunMessage:
    """One run's position.

    Attributes:
        run: run id.
        file_system: file system id.
        trigger: ``sweep``, ``console`` or ``request``.
        mode: ``dry-run`` or ``enforce``.
        digest: of the policies the run began under.
        as_of: the moment ages are measured at, epoch seconds.
        not_after: epoch seconds when the run ends whatever is left.
        sent_at: when this message was sent, epoch seconds.
        slice_number: hand-overs so far.
        send_id: random id of the hand-over that sent this message; duplicates of a slice differ in it.
        attempt: how often this very message failed and was sent again.
        phase: ``survey`` or ``purge``.
        cursor: where the walk stands; None at its beginning.
        sees_inside: this file system has shown a recycled directory with contents.
        tally: the survey's counts.
        planned_jobs: the complete survey's jobs.
        globs_met: which globs met something so far, one bit each; see `policy.GlobWatch`.
        collected: id of the last part of the targets that the survey wrote down so far.
        selection: where the set of the targets is that the run may take; None before the purge.
        due: entries that the complete survey selected; None before.
        kept: entries that it kept by a rule; None before.
        progress: the purge's counts.
        running: the job that was running at the hand-over.
        pace: what was learnt about its jobs.
        paused_until: epoch seconds before which nothing is submitted, because a person restored something.
        stopping: why the run ends, when it only waits for its last job.
        narrowing: how an event narrowed the policies.
        tag_effect: digest of what follows from the file system's tags; "" before the first look at them.
    """

    run: str
    file_system: str
    trigger: Trigger
    mode: Mode
    digest: str
    as_of: Moment
    not_after: Moment
    sent_at: Moment
    slice_number: Count = 0
    send_id: str = ""
    attempt: Count = 0
    phase: Phase = "survey"
    cursor: Cursor | None = None
    sees_inside: bool = False
    tally: Tally = field(default_factory=Tally)
    planned_jobs: Count = 0
    globs_met: Count = 0
    collected: str = ""
    selection: Selection | None = None
    due: Count | None = None
    kept: Count | None = None
    progress: Progress = field(default_factory=Progress)
    running: RunningJob | None = None
    pace: Pace = field(default_factory=Pace)
    paused_until: Moment = 0.0
    stopping: RunEnd | None = None
    narrowing: Mapping[str, Any] = field(default_factory=dict)
    tag_effect: str = ""

    def next_slice(self, send_id: str, now: float) -> "RunMessage":
        """The same run, handed over once more."""
        progress = replace(self.progress, silent_since=0.0, silences=0)
        slice_number = self.slice_number + 1
        return replace(self, slice_number=slice_number, send_id=send_id, sent_at=now, attempt=0, progress=progress)

    def counting_anew(self, now: float) -> "RunMessage":
        """The same run at the beginning of its survey (`now` in epoch seconds)."""
        progress = replace(self.progress, recounts=self.progress.recounts + 1, walk_began=now)
        return replace(
            self,
            phase="survey",
            cursor=None,
            tally=Tally(),
            planned_jobs=0,
            collected="",
            progress=progress,
        )

    def to_body(self) -> str:
        """The message body: JSON of at most `MAX_BYTES` bytes.

        What does not fit is left out, the cheapest first. Counts by policy are put together. Then more of the walk is
        done again. Last, the running job is left for the log to recognise.

        Raises:
            EventError: nothing is left to leave out; no message that `parse_message` took comes to that.
        """
        length = 0
        for shorter in self._ever_shorter():
            body = shorter.written()
            length = _length(body)
            if length <= MAX_BYTES:
                return body
        raise EventError(f"message of run {self.run}: {length} bytes at its shortest; at most {MAX_BYTES} are sent")

    def _ever_shorter(self) -> Iterator["RunMessage"]:
        short = replace(self, stopping=self.stopping.shortened(MAX_DETAIL)) if self.stopping is not None else self
        for room in CURSOR_ROOMS:
            cursor = self.cursor.shortened(room) if self.cursor is not None else None
            for named in NAMED_POLICIES:
                yield replace(short, cursor=cursor, tally=self.tally.shortened(named))
        yield short.shortest()

    def shortest(self) -> "RunMessage":
        """The run at the beginning of its walk: all that has to be sent whatever happens."""
        return replace(self, cursor=None, tally=Tally(), running=None, collected="")

    @property
    def walks(self) -> int:
        """How many walks the purge makes."""
        return len(self.selection.walks) if self.selection is not None else 1

    def written(self) -> str:
        """As JSON, however long."""
        wire = _ADAPTER.dump_python(self, mode="json", exclude_defaults=True)
        return json.dumps({"version": MESSAGE_VERSION} | wire, separators=(",", ":"), ensure_ascii=False)


def _length(body: str) -> int:
    """Bytes of a body as it is sent: half of a surrogate pair goes as its escape."""
    return len(body.encode("utf-8", "backslashreplace"))


_ADAPTER = TypeAdapter(RunMessage)


def parse_message(wire: Mapping[str, Any]) -> RunMessage:
    """A message of ours, checked.

    Args:
        wire: the parsed JSON body.

    Raises:
        EventError: naming the field that is missing or wrong, and what it takes.
    """
    version = wire.get("version")
    if type(version) is not int or version != MESSAGE_VERSION:
        raise EventError(f"version: {version!r} is not {MESSAGE_VERSION}, the only one read here")
    message = validated(_ADAPTER, {name: value for name, value in wire.items() if name != "version"})
    if message.phase == "purge" and message.selection is None and message.stopping is None:
        raise EventError("selection: missing in the phase purge, which takes nothing but a survey's set")
    length = _length(message.shortest().written())
    if length > MAX_BYTES - ROOM_TO_GROW:
        raise EventError(f"body: {length} bytes without a position; runs take {MAX_BYTES - ROOM_TO_GROW} at most")
    return message


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
    run: str = "",
) -> RunMessage:
    """The first message of a run.

    Args:
        file_system: where.
        digest: of the deployed policies.
        trigger: who starts it.
        mode: dry-run or enforce.
        at: when the timer fired or somebody asked, epoch seconds; repeated, it is the same run.
        now: epoch seconds.
        narrowing: how the request narrows the policies.
        as_of: the moment ages are measured at, if it is not `at`.
        run: id of the run, if it does not follow from the other arguments.
    """
    parts = (file_system, f"{at:.3f}", digest, mode, trigger, repr(sorted((narrowing or {}).items())))
    run = run or hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
    return RunMessage(
        run=run,
        file_system=file_system,
        trigger=trigger,
        mode=mode,
        digest=digest,
        as_of=min(at if as_of is None else as_of, now),
        not_after=now + LONGEST_RUN,
        sent_at=now,
        send_id=run[:12],
        narrowing=narrowing or {},
    )


LONGEST_RUN = 7 * 86_400.0
"""Seconds a run may take; the next sweep resumes what is left."""
