"""What one slice works on: the policies as narrowed, the state of the file system, where to look, and who watches."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.retention.core import (
    AuditLog,
    Clock,
    FileSystemState,
    Listings,
    RecycleBin,
    Seal,
    WorkQueue,
)
from functions.retention.jobs import Participant, SharedInvocation, Watch
from functions.retention.policy import Judge, Policy, PolicyFile, ProtectRule, enforcing
from functions.retention.runs.message import RunMessage
from functions.retention.walk import Failures, NotCounted, Order, Recents


@dataclass(frozen=True, slots=True)
class RunContext:
    """What one slice works on.

    Attributes:
        file: the policies as the run narrows them.
        policies: those the run carries out, as narrowed.
        protected: what is protected on the file system, by the file and by its tags.
        state: of the file system.
        recents: where something was deleted.
        watch: asked whether the run has to end.
        now: when the slice began, epoch seconds.
        up_to: only so many targets are to go; None: all.
        failures: keeps account of what fails.
        cancelled: ids of entries that stay because a person cancelled their deletion job.
    """

    file: PolicyFile
    policies: tuple[Policy, ...]
    protected: tuple[ProtectRule, ...]
    state: FileSystemState
    recents: Recents
    watch: Watch
    now: float
    failures: Failures = field(default_factory=NotCounted)
    up_to: int | None = None
    cancelled: frozenset[str] = frozenset()

    @property
    def order(self) -> Order:
        """What goes first: the order of the first policy that has one."""
        return next((policy.order for policy in self.policies if policy.order != "as-found"), "as-found")

    @property
    def canary(self) -> int:
        """After how many jobs their outcome is verified: the fewest that a policy asks for; 0: not at all."""
        return min((policy.canary for policy in self.policies if policy.canary is not None), default=0)


def policies_of(message: RunMessage, file: PolicyFile, state: FileSystemState) -> tuple[Policy, ...]:
    """The policies a run carries out: those that enforce, or in a sweep's dry run the others; a person sees all."""
    policies = file.for_file_system(message.file_system, state.tags)
    if message.mode == "enforce":
        return enforcing(policies)
    if message.trigger == "console":
        return policies
    armed = enforcing(policies)
    return tuple(policy for policy in policies if policy not in armed)


@dataclass(frozen=True, slots=True)
class SliceServices:
    """What a slice works with; its clients belong to its thread.

    Attributes:
        recycle_bin: of the run's file system.
        audit: the log.
        queue: for continuations.
        clock: time.
        rng: ids of records and sends.
        seal: of the records that the functions read back.
        file: the deployed policies.
        request_id: of the invocation.
        deadline: epoch seconds after which nothing new is begun.
        redelivered: the platform says that this is a repetition.
        participant: this slice among those of its invocation.
        more_listings: further clients of the same bin, for listings side by side.
    """

    recycle_bin: RecycleBin
    audit: AuditLog
    queue: WorkQueue
    clock: Clock
    rng: random.Random
    seal: Seal
    file: PolicyFile
    request_id: str
    deadline: float
    redelivered: bool = False
    more_listings: Callable[[], Sequence[Listings]] = tuple
    participant: Participant = field(default_factory=lambda: SharedInvocation().join())


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a slice.

    Attributes:
        run: run id.
        file_system: file system id.
        state: ended, handed-over, duplicate (another slice carries the run on), requeued, dead-lettered, or dropped (a
            body that no queue takes; the log keeps it). Of a request also: started, at-work, lost or swept.
        reason: of an end, see `functions.retention.core.run_end.EndReason`.
        detail: a sentence for a person.
        next_in: seconds until the next slice.
    """

    run: str
    file_system: str
    state: str
    reason: str = ""
    detail: str = ""
    next_in: float | None = None


def judge_for(context: RunContext, message: RunMessage) -> Judge:
    """The judge, with the capacity cut-offs that the run has found."""
    return Judge(
        context.policies,
        context.file.guardrails,
        as_of=message.as_of,
        now=context.now,
        protected=context.protected,
        capacity_cut_offs=message.cut_offs or {},
        cancelled=context.cancelled,
    )
