"""The clock protocol of the fakes, and the virtual clock; `real_clock` has the machine's own time.

The virtual clock is a discrete-event scheduler for ordinary threads. Of all its threads exactly one runs at
a time; the others are parked in `sleep`, `wait` or `gather`. When the running one parks, time jumps to the
earliest moment anybody is waiting for, and that thread runs. So a month plays in seconds, nothing races, and
the same seed gives the same history.
"""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Task(Protocol):
    """A function running on its own thread."""

    @property
    def done(self) -> bool:
        """Whether it has returned or raised."""

    @property
    def error(self) -> BaseException | None:
        """What it raised, once done."""

    @property
    def result(self) -> object:
        """What it returned, once done."""


class Signal(Protocol):
    """Something a thread can wait for and another can set; stays set until cleared."""

    def set(self) -> None:
        """Let everybody who waits go on."""

    def clear(self) -> None:
        """Make the next wait wait."""


class Clock(Protocol):
    """Time and threads, as everything in the fakes knows them. Times are seconds since the epoch, UTC."""

    def now(self) -> float:
        """The present moment."""

    def sleep(self, seconds: float) -> None:
        """Park this thread; not positive means not at all."""

    def signal(self) -> Signal:
        """A new signal, not set."""

    def wait(self, signal: Signal, until: float | None = None) -> bool:
        """Park until the signal is set (True) or the moment has come (False); None waits without limit."""

    def spawn(self, function: Callable[[], object], *, kill_at: float | None = None) -> Task:
        """Start a function on a thread of its own; see `Killed` for `kill_at`."""

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """Run functions concurrently; their results in order, or the first one's error after all are done."""


class Killed(BaseException):
    """Raised out of a park in a function whose `kill_at` has come. Not an Exception, so nothing catches it by habit."""


_DEADLOCK = "every thread of the virtual clock waits for a signal that nobody is left to set"


class Deadlock(RuntimeError):
    """Every thread of a virtual clock waits for a signal that nobody is left to set."""


class _Worker:
    """One thread of a virtual clock: its wake-up semaphore and, as a task, its outcome."""

    def __init__(self, kill_at: float | None = None) -> None:
        self.go = threading.Semaphore(0)
        self.kill_at = kill_at
        self.ticket = 0  # identifies its newest place in the queue; older places are stale
        self.is_stuck = False  # woken only to be told of a deadlock
        self.done = False
        self.error: BaseException | None = None
        self.result: object = None
        self.ended: VirtualSignal | None = None
        self.gathered: list[_Worker] = []  # those it waits for
        self.peers: list[_Worker] = []  # those gathered along with it
        self.is_guest = False


class VirtualSignal:
    """A signal of a virtual clock."""

    def __init__(self, clock: "VirtualClock") -> None:
        self._clock = clock
        self._is_set = False
        self.waiters: list[_Worker] = []

    @property
    def is_set(self) -> bool:
        """Whether a wait would return at once."""
        return self._is_set

    def set(self) -> None:
        """Let every waiter go on at the present moment, in the order they came."""
        self._is_set = True
        waiters, self.waiters = self.waiters, []
        for worker in waiters:
            self._clock.schedule(worker, self._clock.now())

    def clear(self) -> None:
        """Make the next wait wait."""
        self._is_set = False


class VirtualClock:
    """Time that passes only when every thread is parked.

    Args:
        start: seconds since the epoch shown first.

    The thread that makes the clock is its first; others come by `spawn` and `gather`, or for a while as `guest`.
    A thread from elsewhere moves the time on by what it sleeps.
    """

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start
        self._queue: list[tuple[float, int, _Worker]] = []
        self._tickets = itertools.count(1)
        self._endless: list[_Worker] = []
        self._local = threading.local()
        self._local.worker = self._running = _Worker()
        self._door = threading.Condition()
        self._guests_waiting = 0

    def now(self) -> float:
        """The present virtual moment."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on by hand; the same as sleeping in the thread that made the clock."""
        self.sleep(seconds)

    def schedule(self, worker: _Worker, at: float) -> None:
        """Give a parked worker its next place in the queue; an earlier place becomes stale."""
        worker.ticket = next(self._tickets)
        heapq.heappush(self._queue, (at, worker.ticket, worker))

    def sleep(self, seconds: float) -> None:
        """Park until `seconds` from now."""
        if seconds <= 0:
            return
        worker = self._current()
        if worker is None:
            self._now += seconds
            return
        self._park(worker, self._now + seconds)

    def signal(self) -> VirtualSignal:
        """A new signal, not set."""
        return VirtualSignal(self)

    def wait(self, signal: Signal, until: float | None = None) -> bool:
        """See `Clock.wait`."""
        if not isinstance(signal, VirtualSignal):
            raise TypeError(f"signal is a {type(signal).__name__}: use one this clock made")
        worker = self._current()
        if worker is None:
            raise RuntimeError("only the clock's own threads can wait: start this one with spawn() or gather()")
        if signal.is_set:
            return True
        signal.waiters.append(worker)
        try:
            self._park(worker, until)
        finally:
            came = worker not in signal.waiters
            if not came:
                signal.waiters.remove(worker)
        return came

    def spawn(self, function: Callable[[], object], *, kill_at: float | None = None) -> Task:
        """Start a thread; it runs when the present one parks. It inherits the present one's earlier `kill_at`."""
        return self._spawn(function, kill_at)

    def _spawn(self, function: Callable[[], object], kill_at: float | None = None) -> _Worker:
        parent = self._current()
        inherited = parent.kill_at if parent is not None else None
        limits = [limit for limit in (kill_at, inherited) if limit is not None]
        worker = _Worker(min(limits, default=None))
        worker.ended = self.signal()
        threading.Thread(target=self._work, args=(worker, function), daemon=True).start()
        self.schedule(worker, self._now)
        return worker

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """See `Clock.gather`. A kill of the calling thread kills the gathered ones at the same moment.

        A function that ends with more than an Exception ends its process: the others are killed there and then.
        """
        caller = self._current() or _Worker()
        workers = [self._spawn(function) for function in functions]
        for worker in workers:
            worker.peers = workers
        caller.gathered = workers
        for worker in workers:
            self.join(worker)
        caller.gathered = []
        errors = [worker.error for worker in workers if worker.error is not None]
        if errors:
            raise min(errors, key=lambda error: isinstance(error, Killed))
        return [worker.result for worker in workers]  # type: ignore[misc]  # a task's result is what its function returns

    def join(self, task: Task, until: float | None = None) -> bool:
        """Park until a task is done (True) or the moment has come (False)."""
        if not isinstance(task, _Worker) or task.ended is None:
            raise TypeError(f"task is a {type(task).__name__}: use one this clock spawned")
        return self.wait(task.ended, until)

    @contextmanager
    def guest(self) -> Iterator[None]:
        """Make the calling thread, one from elsewhere, one of the clock's own for a while: others run while it sleeps.

        A guest acts for the thread that runs now, which must wait for the guest outside of the clock: a client of a
        server, for example. While one guest runs, others wait here.
        """
        worker = _Worker()
        worker.is_guest = True
        with self._door:
            self._guests_waiting += 1
            self._door.wait_for(lambda: not self._running.is_guest)
            self._guests_waiting -= 1
            client, self._running = self._running, worker
        self._local.worker = worker
        try:
            yield
        finally:
            del self._local.worker
            self._run(client)

    def _current(self) -> _Worker | None:
        worker: _Worker | None = getattr(self._local, "worker", None)
        return worker

    def _work(self, worker: _Worker, function: Callable[[], object]) -> None:
        self._local.worker = worker
        worker.go.acquire()
        try:
            worker.result = function()
        except BaseException as error:  # noqa: BLE001 - kept for whoever joins
            worker.error = error
            if not isinstance(error, (Exception, Killed)):
                self._kill(worker.peers, but=worker)
        worker.done = True
        if worker.ended is not None:
            worker.ended.set()
        self._hand_on(None)

    def _kill(self, workers: Sequence[_Worker], but: _Worker | None = None) -> None:
        """End workers, and those they wait for, where they are parked."""
        for worker in workers:
            if not worker.done and worker is not but:
                worker.kill_at = self._now
                self.schedule(worker, self._now)
                self._kill(worker.gathered)

    def _park(self, worker: _Worker, until: float | None) -> None:
        """Give the turn away; returns when it comes back, at `until` at the latest."""
        killed = worker.kill_at is not None and (until is None or worker.kill_at <= until)
        at = worker.kill_at if killed else until
        if at is not None:
            self.schedule(worker, max(at, self._now))
            self._hand_on(worker)
        else:
            self._park_endlessly(worker)
        if worker.kill_at is not None and self._now >= worker.kill_at:
            worker.kill_at = None
            raise Killed(f"ended at {self._now:.3f}")

    def _park_endlessly(self, worker: _Worker) -> None:
        worker.ticket = 0
        self._endless.append(worker)
        try:
            self._hand_on(worker)
        finally:
            self._endless.remove(worker)
        if worker.is_stuck:
            worker.is_stuck = False
            raise Deadlock(_DEADLOCK)

    def _hand_on(self, worker: _Worker | None) -> None:
        """Let the earliest worker run; wait for the own turn if there is one to wait for.

        A deadlock is told to the one who parks; when a thread's end leaves it, to the one who has waited longest.
        """
        chosen = self._next()
        if chosen is None and worker is not None:
            raise Deadlock(_DEADLOCK)
        if chosen is None and self._endless:
            chosen = self._endless[0]
            chosen.is_stuck = True
        if chosen is worker and worker is not None:
            return
        if chosen is not None:
            self._run(chosen)
            chosen.go.release()
        if worker is not None:
            worker.go.acquire()

    def _run(self, worker: _Worker) -> None:
        """Note who runs, and let a guest in that may act for it."""
        self._running = worker
        if self._guests_waiting:
            with self._door:
                self._door.notify_all()

    def _next(self) -> _Worker | None:
        """The worker whose turn is next; None when nobody waits for a moment."""
        while self._queue:
            at, ticket, worker = heapq.heappop(self._queue)
            if worker.ticket == ticket and not worker.done:
                self._now = max(self._now, at)
                return worker
        return None
