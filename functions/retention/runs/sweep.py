"""Sweeps begin runs here, for every file system the policies name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from functions.retention.audit import (
    LIVE_EVENTS,
    LONGEST_ALIVE,
    MOST_RECORDS,
    AliveRun,
    Journal,
    alive_runs,
    alive_until,
)
from functions.retention.core import (
    MAX_DELAY,
    AuditLog,
    Clock,
    CloudError,
    NotFound,
    Record,
    RetentionError,
    WorkQueue,
    format_service_time,
    validated,
)
from functions.retention.policy import PolicyFile
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import Mode, new_message
from functions.retention.runs.services import Services

MINUTE = 60

State = Literal["started", "skipped", "paused", "refused", "failed"]


class SweepFailed(RetentionError):
    """Messages could not be sent; the platform has to invoke the sweep again, which repeats no run."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What a timer's payload, or a person, may ask of a sweep.

    Attributes:
        file_systems: only these of the allowed ones; all of them when empty.
    """

    file_systems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep did about one file system in one mode.

    Attributes:
        file_system: its id.
        mode: dry-run or enforce.
        state: started, skipped (an enforcing run with these policies is alive or about to begin), paused (by the policy
            file, on purpose), refused or failed.
        run: run id.
        detail: why, for a person.
        due: when the first slice of a run that was started is due, epoch seconds.
    """

    file_system: str
    mode: Mode
    state: State
    run: str = ""
    detail: str = ""
    due: float | None = None


def begins_in(number: int, pace: int) -> int:
    """Seconds after which a run of a sweep begins: so many each minute, for an hour, and then from its start again.

    Those of one minute come together, so that the trigger makes whole batches of them.

    Args:
        number: how many runs the sweep started before this one.
        pace: how many it begins a minute.
    """
    return number // pace * MINUTE % (MAX_DELAY + MINUTE)


def parse_sweep(delivery: Delivery) -> SweepRequest:
    """What a sweep is asked.

    Raises:
        EventError: naming the field and what it takes.
    """
    return validated(_REQUEST, delivery.wire())


_REQUEST = TypeAdapter(SweepRequest)


class Sweep:
    """One sweep.

    Args:
        services: makes clients.
        clock: time.
        journal: for what it did.
        at: when the timer fired, epoch seconds.
        pace: how many runs it begins a minute; the queue holds the messages of the others back. Many at once would
            find no instance where the event stream does not wait for them, and wait for one ever longer.
    """

    def __init__(self, services: Services, clock: Clock, journal: Journal, *, at: float, pace: int) -> None:
        self._services, self._clock, self._journal = services, clock, journal
        self._at, self._pace = at, pace
        self._sent = 0

    def run(self, request: SweepRequest) -> list[SweepResult]:
        """Send a message for every file system and mode that its policies ask for.

        Raises:
            PolicyError: the policies cannot be used.
            SweepFailed: some messages could not be sent.
        """
        file, audit = self._services.policies, self._services.audit()
        alive = self._alive(audit)
        index = self._has_index(audit)
        queue = self._services.queue()
        results: list[SweepResult] = []
        for file_system in file.guardrails.file_systems:
            if request.file_systems and file_system not in request.file_systems:
                continue
            tags = self._tags(file, file_system)
            results += [
                self._start(file, file_system, mode, alive, index=index, queue=queue)
                for mode in _modes(file, file_system, tags)
            ]
            if tags is None:
                what = "its tags cannot be read, so no policy that goes by tags is carried out on it"
                results.append(SweepResult(file_system, "enforce", "refused", detail=what))
        results += [
            SweepResult(other, "enforce", "refused", detail="not in guardrails.file_systems")
            for other in request.file_systems
            if other not in file.guardrails.file_systems
        ]
        self._record(results, file.digest)
        failed = [result for result in results if result.state == "failed"]
        if failed:
            raise SweepFailed("; ".join(f"{result.file_system}: {result.detail}" for result in failed))
        return results

    def _tags(self, file: PolicyFile, file_system: str) -> Mapping[str, str] | None:
        """The file system's tags, where a policy goes by them; None when they cannot be read."""
        if not any(policy.file_systems.tags for policy in file.policies):
            return {}
        try:
            return self._services.recycle_bin(file_system).tags()
        except CloudError:
            return None

    def _start(
        self, file: PolicyFile, file_system: str, mode: Mode, alive: list[AliveRun], *, index: bool, queue: WorkQueue
    ) -> SweepResult:
        if file.guardrails.pause:
            return SweepResult(file_system, mode, "paused", detail="guardrails.pause is true")
        if mode == "enforce":
            if not index:
                return SweepResult(file_system, mode, "refused", detail="the audit logstore has no index: create one")
            same = [run for run in alive if run.file_system == file_system and run.digest == file.digest]
            if same:
                return SweepResult(
                    file_system, mode, "skipped", same[0].run, "this run is still at it, or about to begin"
                )
        message = new_message(
            file_system, digest=file.digest, trigger="sweep", mode=mode, at=self._at, now=self._clock.now()
        )
        delay = begins_in(self._sent, self._pace)
        try:
            queue.send(message.to_body(), delay)
        except CloudError as error:
            return SweepResult(file_system, mode, "failed", message.run, str(error))
        self._sent += 1
        return SweepResult(file_system, mode, "started", message.run, due=self._clock.now() + delay)

    def _has_index(self, audit: AuditLog) -> bool:
        """Without an index nothing that was announced can be found again. A log that does not answer may have one."""
        try:
            audit.find({"event": "swept"}, self._clock.now(), 1)
        except NotFound:
            return False
        except CloudError:
            return True
        return True

    def _alive(self, audit: AuditLog) -> list[AliveRun]:
        """Enforcing runs that are alive, or sent for and about to begin.

        None when the log does not answer: of two sweeps' runs the younger retires.
        """
        now = self._clock.now()
        records: list[Record] = []
        try:
            for event in (*LIVE_EVENTS, "swept"):
                records += audit.find({"mode": "enforce", "event": event}, now - LONGEST_ALIVE, MOST_RECORDS)
        except CloudError:
            return []
        return alive_runs(records, now)

    def _record(self, results: list[SweepResult], digest: str) -> None:
        if not results:
            what = "no policy applies to any file system"
            self._journal.note("swept", trigger="sweep", reason="nothing", detail=what)
        for result in results:
            self._journal.note(
                "swept" if result.state in ("started", "skipped", "paused") else "refused",
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
    """What the record of a run that was started says of its first slice."""
    return {} if due is None else {"next_at": round(due), "alive_until": round(alive_until(due))}


def _modes(file: PolicyFile, file_system: str, tags: Mapping[str, str] | None) -> list[Mode]:
    """The modes in which a file system has policies."""
    return sorted({policy.mode for policy in file.for_file_system(file_system, tags)}, reverse=True)
