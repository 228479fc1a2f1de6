"""Wait for the last job of a run that is over. Nothing is looked for and nothing is created."""

from functions.retention.core import Clock, RetentionError
from functions.retention.jobs.actions import Finished, HandOver, Poll, Wait
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.shared_invocation import Participant
from functions.retention.jobs.slot import LONGEST_SLEEP, Slot
from functions.retention.jobs.tracker import JobTracker

MAX_ROUNDS = 200_000
"""Far more than a slice has time for; no loop is without a bound."""


class LastJobWait:
    """The rest of a slice whose run is over.

    Args:
        slot: says what to do next.
        tracker: which jobs are ours.
        jobs: reads the job list.
        clock: time.
        participant: this slice among those of its invocation.
    """

    def __init__(
        self, slot: Slot, tracker: JobTracker, *, jobs: JobMonitor, clock: Clock, participant: Participant
    ) -> None:
        self._slot, self._tracker, self._jobs, self._clock = slot, tracker, jobs, clock
        self._participant = participant

    def run(self) -> float | None:
        """Wait until the slice is over.

        Returns:
            Seconds after which the next slice should begin, or None when no job of ours runs.

        Raises:
            CloudError: the job list cannot be had.
        """
        for _ in range(MAX_ROUNDS):
            now = self._clock.now()
            action = self._slot.step(
                now,
                has_target=False,
                exhausted=True,
                unsettled=bool(self._tracker.opened),
                others_busy=self._participant.others_busy(),
                comes_along=self._participant.is_shared(),
            )
            if isinstance(action, HandOver | Finished):
                self.wind_up()
                return action.after if isinstance(action, HandOver) else None
            if isinstance(action, Poll):
                self._jobs.look()
            elif isinstance(action, Wait):
                self.rest(action.until, now)
        raise RetentionError(f"a slice took more than {MAX_ROUNDS} rounds")

    def rest(self, until: float, now: float) -> None:
        """Sleep until a moment; the slice counts as idle meanwhile unless the slot is free soon."""
        self._participant.set_busy(busy=self._slot.frees_within(LONGEST_SLEEP, now))
        self._clock.sleep(until - now)
        self._participant.set_busy(busy=True)

    def wind_up(self) -> None:
        """Leave nothing open but the job that runs, the only one that the message names.

        Raises:
            CloudError: the job list cannot be had.
        """
        if len(self._tracker.opened) > 1:
            self._jobs.look()
        self._jobs.close_forgotten()
