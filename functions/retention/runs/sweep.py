"""The sweep: start a run in each mode on every file system that the policies name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from functions.retention.audit import (
    CANCEL_EVENTS,
    LIVE_EVENTS,
    LONGEST_ALIVE,
    MOST_RECORDS,
    AliveRun,
    CompleteLog,
    Journal,
    RunLedger,
    alive_runs,
    alive_until,
    by_run,
    rests_in,
)
from functions.retention.core import (
    MAX_DELAY,
    AuditLog,
    Clock,
    CloudError,
    Job,
    NotFound,
    RetentionError,
    WorkQueue,
    format_service_time,
    validated,
)
from functions.retention.jobs import CancelWatch, stop_at_rest
from functions.retention.policy import PolicyFile
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import Mode, new_message
from functions.retention.runs.preflight import stop_if_not_allowed, stop_if_paused
from functions.retention.runs.services import Services

MINUTE = 60

LOOKS_AT_ONCE = 20
"""Job lists that a sweep reads side by side."""

LOOKS_LAST = 30.0
"""Seconds after which a sweep reads no more job lists, so that time is left to send the messages."""

State = Literal["started", "skipped", "paused", "resting", "refused", "failed"]


class SweepFailed(RetentionError):
    """Messages could not be sent. The platform has to invoke the sweep again, which starts no run twice."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What a timer's payload, or a person, may ask of a sweep.

    Attributes:
        file_systems: only these of the allowed ones; all of them when left out. An empty list is refused: it names
            none, and a script that found none must not sweep all.
    """

    file_systems: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ()


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep did for one file system in one mode.

    Attributes:
        file_system: file system id.
        mode: dry-run or enforce.
        state: started; skipped, because an enforcing run under these policies is alive or about to begin, or because an
            earlier try of the same sweep started the run; paused by the policy file; resting, because a person
            cancelled a job; refused; or failed.
        run: run id.
        detail: the reason, for a person.
        due: when the first slice of a started run is due, epoch seconds.
    """

    file_system: str
    mode: Mode
    state: State
    run: str = ""
    detail: str = ""
    due: float | None = None


@dataclass(frozen=True, slots=True)
class _LogState:
    """What the log said before the sweep.

    Attributes:
        alive: enforcing runs that are alive or about to begin; None when the log does not answer.
        has_index: False only when it is known that the log has none.
        begun: ids of the runs that were started lately.
        rests: until when file systems rest after a person's cancel, epoch seconds.
    """

    alive: list[AliveRun] | None
    has_index: bool = True
    begun: frozenset[str] = frozenset()
    rests: Mapping[str, float] = field(default_factory=dict)


def _ask(audit: AuditLog, now: float) -> _LogState:
    try:
        records = audit.find({"event": ("swept", *LIVE_EVENTS, *CANCEL_EVENTS)}, now - LONGEST_ALIVE, MOST_RECORDS)
        begun = (record for record in records if record["event"] not in CANCEL_EVENTS)
        return _LogState(alive_runs(records, now), begun=frozenset(by_run(begun)), rests=rests_in(records, now))
    except NotFound:
        return _LogState(None, has_index=False)
    except CloudError:
        return _LogState(None)


def begins_in(number: int, pace: int) -> int:
    """Seconds after which a run of a sweep begins: `pace` runs each minute for an hour, then from the first minute on.

    The runs of one minute come together, so that the trigger delivers them in full batches.

    Args:
        number: how many runs the sweep started before this one.
        pace: runs a minute.
    """
    return number // pace * MINUTE % (MAX_DELAY + MINUTE)


def parse_sweep(delivery: Delivery) -> SweepRequest:
    """Read a sweep's request.

    Raises:
        EventError: names the field and what it takes.
    """
    return validated(_REQUEST, delivery.wire())


_REQUEST = TypeAdapter(SweepRequest)


class Sweep:
    """One sweep.

    Args:
        services: makes the clients.
        clock: time.
        journal: takes a record of each result.
        at: when the timer fired, epoch seconds.
        pace: runs that begin each minute; the queue delays the messages of the others. Too many at once would find no
            instance, or wait ever longer for one.
    """

    def __init__(self, services: Services, clock: Clock, journal: Journal, *, at: float, pace: int) -> None:
        self._services, self._clock, self._journal = services, clock, journal
        self._at, self._pace = at, pace
        self._audit = CompleteLog(services.audit(), clock)
        self._sent = 0

    def run(self, request: SweepRequest) -> list[SweepResult]:
        """Send a message for every file system and mode that its policies ask for.

        Raises:
            ConfigurationError: the deployment has no key to seal messages with.
            PolicyError: the policies cannot be used.
            SweepFailed: some messages could not be sent.
        """
        self._services.seal()
        file = self._services.policies
        log, queue = _ask(self._audit, self._clock.now()), self._services.queue()
        chosen = [each for each in file.guardrails.file_systems if each in (request.file_systems or (each,))]
        tags = {file_system: self._tags(file, file_system) for file_system in chosen}
        orders = [(each, mode) for each in chosen for mode in _modes(file, each, tags[each])]
        enforced = [each for each, mode in orders if mode == "enforce" and not file.guardrails.pause]
        jobs = self._jobs([each for each in enforced if not self._why_not(file, each, log)])
        results = [
            self._start(file, file_system, mode, log, jobs.get(file_system), queue) for file_system, mode in orders
        ]
        what = "its tags cannot be read, so policies that select by tags do not run on it"
        results += [SweepResult(each, "enforce", "refused", detail=what) for each in chosen if tags[each] is None]
        results += [
            SweepResult(other, "enforce", "refused", detail=stop.detail)
            for other in request.file_systems
            if (stop := stop_if_not_allowed(file.guardrails, other))
        ]
        self._record(results, file.digest)
        failed = [f"{result.file_system}: {result.detail}" for result in results if result.state == "failed"]
        if failed:
            raise SweepFailed("; ".join(failed))
        return results

    def _tags(self, file: PolicyFile, file_system: str) -> Mapping[str, str] | None:
        """The file system's tags if a policy selects by tags; None when they cannot be read."""
        if not any(policy.file_systems.tags for policy in file.policies):
            return {}
        try:
            return self._services.recycle_bin(file_system).tags()
        except CloudError:
            return None

    def _jobs(self, file_systems: Sequence[str]) -> Mapping[str, Sequence[Job] | None]:
        """The newest jobs of file systems, of as many as `LOOKS_LAST` allows; None is unknown.

        A run looks itself before it deletes, so what is unknown here lets it start.
        """
        found: dict[str, Sequence[Job] | None] = {}
        began_at = self._clock.now()
        for start in range(0, len(file_systems), LOOKS_AT_ONCE):
            if self._clock.now() > began_at + LOOKS_LAST:
                break
            some = file_systems[start : start + LOOKS_AT_ONCE]
            found |= zip(some, self._clock.gather([partial(self._listed, each) for each in some]), strict=True)
        return found

    def _listed(self, file_system: str) -> Sequence[Job] | None:
        try:
            return self._services.recycle_bin(file_system).jobs().newest
        except CloudError:
            return None

    def _why_not(self, file: PolicyFile, file_system: str, log: _LogState) -> SweepResult | None:
        """Why no enforcing run starts on a file system, by the log and the policy file."""
        if not log.has_index:
            return SweepResult(file_system, "enforce", "refused", detail="the audit logstore has no index: create one")
        for run in log.alive or ():
            if (run.file_system, run.digest) == (file_system, file.digest):
                what = "this run is still at work, or about to begin"
                return SweepResult(file_system, "enforce", "skipped", run.run, what)
        if stop := stop_at_rest(log.rests.get(file_system, 0.0), self._clock.now()):
            return SweepResult(file_system, "enforce", "resting", detail=stop.detail)
        return None

    def _cancelled(self, file_system: str, jobs: Sequence[Job] | None) -> SweepResult | None:
        """Why no enforcing run starts: the job list shows that a person cancelled a job."""
        if jobs is None:
            return None
        ledger = RunLedger(self._audit, "", file_system, self._clock.now())
        try:
            stop = CancelWatch(ledger, self._journal, self._clock).stop(jobs)
        except CloudError as error:
            return SweepResult(file_system, "enforce", "failed", detail=str(error))
        return SweepResult(file_system, "enforce", "resting", detail=stop.detail) if stop else None

    def _start(  # noqa: PLR0917 - what one sweep knows
        self,
        file: PolicyFile,
        file_system: str,
        mode: Mode,
        log: _LogState,
        jobs: Sequence[Job] | None,
        queue: WorkQueue,
    ) -> SweepResult:
        if paused := stop_if_paused(file.guardrails):
            return SweepResult(file_system, mode, "paused", detail=paused.detail)
        detail = ""
        if mode == "enforce":
            if stop := self._why_not(file, file_system, log) or self._cancelled(file_system, jobs):
                return stop
            if log.alive is None:  # of two runs of sweeps the younger one ends as soon as the log answers
                detail = "the audit log does not say whether another run is at work"
        message = new_message(
            file_system, digest=file.digest, trigger="sweep", mode=mode, at=self._at, now=self._clock.now()
        )
        if message.run in log.begun:
            what = "an earlier try of this sweep started the run"
            return SweepResult(file_system, mode, "skipped", message.run, what)
        delay = begins_in(self._sent, self._pace)
        try:
            queue.send(message.to_body(), delay)
        except CloudError as error:
            return SweepResult(file_system, mode, "failed", message.run, str(error))
        self._sent += 1
        return SweepResult(file_system, mode, "started", message.run, detail, self._clock.now() + delay)

    def _record(self, results: list[SweepResult], digest: str) -> None:
        if not results:
            what = "no policy applies to any file system"
            self._journal.note("swept", trigger="sweep", reason="nothing", detail=what)
        for result in results:
            self._journal.note(
                "swept" if result.state in ("started", "skipped", "paused", "resting") else "refused",
                run=result.run,
                file_system=result.file_system,
                mode=result.mode,
                trigger="sweep",
                digest=digest,
                as_of=format_service_time(self._at),
                reason=result.state,
                detail=result.detail,
                **_expected(result.due),
            )
        self._journal.flush()


def _expected(due: float | None) -> dict[str, int]:
    """Fields of a started run's record about its first slice."""
    return {} if due is None else {"next_at": round(due), "alive_until": round(alive_until(due))}


def _modes(file: PolicyFile, file_system: str, tags: Mapping[str, str] | None) -> list[Mode]:
    """The modes in which a file system has policies."""
    return sorted({policy.mode for policy in file.for_file_system(file_system, tags)}, reverse=True)
