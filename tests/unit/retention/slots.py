"""One job slot of a service, simulated, and a driver that does what the machine under test says."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.retention.core.job import Job
from functions.retention.jobs.actions import ActiveJob, Finished, HandOver, Poll, Search, Submit, Wait
from functions.retention.jobs.progress import Pace
from functions.retention.jobs.slot import Slot

SLICE = 195.0
DELIVERY = 9.0
"""Seconds from the end of a hand-over's delay until the next slice has looked around."""

MOST_STEPS = 200_000
Progress = Callable[[float], int]


def even(share: float) -> int:
    """Progress of a service that counts truthfully; share of the job's time that is over."""
    return max(1, min(99, int(100 * share)))


def silent(_: float) -> int:
    """Of one that says nothing."""
    return 0


def stuck(_: float) -> int:
    """Of one that says 1 until it says Success."""
    return 1


@dataclass
class Run:
    """What came of it.

    Attributes:
        gaps: seconds the slot stood empty before each job but the first.
        actions: how often each was asked for.
        awake: seconds in which a slice lived.
        ended_at: when all was done.
    """

    gaps: list[float] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    awake: float = 0.0
    ended_at: float = 0.0


@dataclass
class Service:
    """Runs jobs of given durations, one at a time.

    Args:
        durations: seconds, in the order in which jobs are created.
        progress: what it says of them.
        round_trip: seconds of each call, half of them before its effect; the argument counts calls.
        entries: that each job deletes.
    """

    durations: Sequence[float]
    progress: Progress = even
    round_trip: Callable[[int], float] = lambda _: 0.08
    entries: Callable[[int], int] = lambda _: 1
    search: float = 0.0

    def play(self, pace: Pace | None = None) -> Run:
        """All jobs, one slice after the other."""
        run, now = Run(), 1_000.0
        play = _Play(self, run)
        slot = Slot(pace or Pace(), now + SLICE)
        while True:  # bounded: `_Play.slice` counts steps
            began_at = now
            now, after = play.slice(slot, now)
            run.awake += now - began_at
            run.ended_at = now
            if after is None:
                return run
            now += after + DELIVERY
            slot = Slot(slot.pace, now + SLICE, self._handed_over(slot, play.created))
            now = play.look(slot, now)

    def _handed_over(self, slot: Slot, number: int) -> ActiveJob | None:
        """What a continuation says of the running job."""
        if slot.started_at is None or slot.ends_at is None:
            return None
        return ActiveJob(str(number), self.entries(number), slot.started_at, slot.ends_at, slot.started_at)


class _Play:
    def __init__(self, service: Service, run: Run) -> None:
        self._service, self._run = service, run
        self.created = 0
        self._start = self._end = float("-inf")
        self._calls = 0
        self._steps = 0
        self._at_hand = False

    def slice(self, slot: Slot, now: float) -> tuple[float, float | None]:
        """Work until the slot hands over (the delay) or nothing is left (None); the moment of that."""
        self._at_hand = False
        while True:  # bounded by the assertion
            self._steps += 1
            assert self._steps < MOST_STEPS
            exhausted = self.created == len(self._service.durations)
            action = slot.step(now, has_target=self._at_hand, exhausted=exhausted, unsettled=False)
            self._run.actions[type(action).__name__] += 1
            if isinstance(action, HandOver):
                return now, action.after
            if isinstance(action, Finished):
                return now, None
            now = self._do(action, slot, now)

    def _do(self, action: Submit | Search | Poll | Wait, slot: Slot, now: float) -> float:
        if isinstance(action, Wait):
            assert action.until > now
            return action.until
        if isinstance(action, Poll):
            return self.look(slot, now)
        if isinstance(action, Search):
            slot.searched(self._service.search, found=True)
            self._at_hand = True
            return now + self._service.search
        return self._submit(slot, now)

    def look(self, slot: Slot, now: float) -> float:
        """Read the job list."""
        effect, reply = self._call(now)
        if effect >= self._end:
            slot.idle(reply)
        else:
            progress = self._service.progress((effect - self._start) / (self._end - self._start))
            job = Job(str(self.created), "Delete", "1", "running", progress, float(int(self._start)))
            slot.seen(job, reply, entries=self._service.entries(self.created))
        return reply

    def _submit(self, slot: Slot, now: float) -> float:
        effect, reply = self._call(now)
        if effect < self._end:
            slot.busy()
            return reply
        if self.created:
            self._run.gaps.append(effect - self._end)
        self._start, self._end = effect, effect + self._service.durations[self.created]
        self.created += 1
        self._at_hand = False
        slot.created(str(self.created), self._service.entries(self.created), now, reply)
        return reply

    def _call(self, now: float) -> tuple[float, float]:
        self._calls += 1
        round_trip = self._service.round_trip(self._calls)
        return now + round_trip / 2, now + round_trip
