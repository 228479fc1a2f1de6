"""What one slice works on: the policies as narrowed, the state of the file system, where to look, and who watches."""

import random
from collections.abc import Callable, Mapping, Sequence
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
from functions.retention.walk import CapacityRule, Failures, NotCounted, Order, Recents, capacity_rules


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
        """What goes first of all but capacity rules' targets: the order of the first such policy that has one."""
        orders = (policy.order for policy in self.policies if not policy.keep_bin_below)
        return next((order for order in orders if order != "as-found"), "as-found")

    @property
    def capacity(self) -> Mapping[str, CapacityRule]:
        """The capacity rules among the policies."""
        return capacity_rules(self.policies)

    @property
    def canary(self) -> int:
        """After how many jobs their outcome is verified: the fewest that a policy asks for; 0: not at all."""
        return min((policy.canary for policy in self.policies if policy.canary is not None), default=0)


def without_capacity_rules(
    policies: tuple[Policy, ...], deployed: tuple[Policy, ...], narrowing: Mapping[str, object]
) -> tuple[Policy, ...]:
    """The policies of a run, without those with ``keep_bin_below`` when the run is narrowed.

    Such a policy takes the first of all entries it may take, after what other policies take. A run that sees only some
    of the entries or policies would take others in their place: more than the file takes as it is deployed.

    Args:
        policies: as narrowed.
        deployed: those that the run would carry out were it not narrowed.
        narrowing: of the run.
    """
    is_part = len(policies) < len(deployed) or not narrowing.keys() <= _NARROW_NO_ENTRIES
    return tuple(policy for policy in policies if not (is_part and policy.keep_bin_below))


_NARROW_NO_ENTRIES = {"limits", "up_to", "policies"}


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
    """The judge."""
    return Judge(
        context.policies,
        context.file.guardrails,
        as_of=message.as_of,
        now=context.now,
        protected=context.protected,
        cancelled=context.cancelled,
    )
