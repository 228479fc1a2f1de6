"""The one job slot of a file system: a machine without I/O that says what to do next.

The service runs one job at a time per file system (documented: CreateRecycleBinDeleteJob). `Slot` knows when
the running job should end, and answers `step` with one of `Submit`, `Search`, `Poll`, `Wait`, `HandOver` and
`Finished`. Whoever drives it does that and reports back by `created`, `busy`, `seen` and `idle`. It submits so that the
request arrives at the predicted end, without asking first: a refusal is the busy check. A job is looked at when it may
be over at the earliest, as far as others tell, since from then on its own progress tells more.
"""

from dataclasses import replace

from functions.retention.core import MAX_DELAY, Job
from functions.retention.jobs.actions import Action, ActiveJob, Finished, HandOver, Poll, Search, Submit, Wait
from functions.retention.jobs.progress import Pace

LONGEST_SLEEP = 20.0
"""Seconds that are slept; a longer wait is handed over.

A hand-over costs a message, an invocation, and a second or two of a slice that starts and looks around
again: about 3 s of 0.35 vCPU and 0.5 GB are 1.3 CU. Sleeping costs 0.425 CU a second (weights of the price list:
1.0 a vCPU second, 0.15 a GB second; documented, FC billing page of 2025-12), so they break even at about 3 s of
bill. What sets the constant is the slot: a message arrives one to three seconds late and a cold start takes two
more, and a wait must be several times that for the delay not to show in the slot's busy share.
"""

SHARED = 3.0
"""How many times `LONGEST_SLEEP` is slept in an invocation that other slices share: the bill is shared as well, and to
come back takes longer, see `ONE_SLICE`."""

ONE_SLICE = 200.0
"""Seconds that a slice and its hand-over take, about. Runs that shared an invocation hand over together, to its end,
whatever is left of their jobs up to this: in the same invocation waiting is free. Where the event stream waits for each
invocation ("serial"), a message that misses the batch of the others has to wait for their whole next slice; where it
does not ("concurrent"), it takes an instance of its own from then on. Which of the two holds is not known: the vendor's
documents contradict each other (s.yaml); that the first takes one batch after the other is inferred from them."""

LEAD = 12.0
"""Seconds before the predicted end at which the next slice should begin: the trigger's batch window (5), delivery (1 to
3), a cold start (2), first looks (2)."""

SHORTEST_WAIT = 0.1
"""Seconds until the next look at a job that was due and still runs."""

SHARE_OF_WAIT = 0.003
"""The same as a share of how long it runs already: what a late look may cost of a job's time."""

OVERDUE_SHARE = 0.05
"""The same for a job that may be over and says nothing of its progress."""

FAR_OVERDUE_SHARE = 0.5
"""The same once it has taken twice as long as others did, so that they tell nothing of it."""

FIRST_TELLING_PROGRESS = 2
"""The lowest progress that tells something: the documented range starts at 1, so 1 may be anything."""

UNSEEN = 0.5
"""A job that was over at its first look is taken to have lasted this much of the time until then at least."""

CONFIDENCE_FORGETS = 0.05
"""Share of the doubt that a job of an unusual length has cast which each later one takes back."""

LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.05, 0.95
"""Bounds of `Pace.confidence`: the first look comes neither at once nor at the expected end."""

HALF = 0.5
"""The same bound for a job that is slept through: there a look costs a call only, and half way its progress is fine
enough to tell the end."""

CROWDED = 2.0
"""A call that took so many times the quickest one waited for the request rate: looks that can be saved are."""

AIM_BEHIND = 0.01
"""Seconds behind the predicted end at which a submission is to arrive: one that comes too early costs a look more."""

NARROW = 0.4
"""Seconds between the earliest and the latest end that progress allows, up to which the latest is waited for: no
more is lost than by a refusal, which costs two calls."""

SEARCH_FORGETS = 0.2
"""Share of a longer search that each shorter one makes forgotten: a slice that begins too late for its search leaves
the slot empty, one that begins too early waits for money."""

TRY_EARLIER = 0.95
"""A job that was over when it was thought to end may have been over before: the next is tried this much earlier."""

TIGHT = 0.1
"""How far apart, as a share of the time between, two moments may be for the job's end to count as observed."""


class Slot:
    """The machine.

    Args:
        pace: what is known of this file system's jobs.
        deadline: epoch seconds after which nothing new is begun in this slice.
        active_job: the job that was running at the hand-over.
        paused_until: epoch seconds before which nothing is submitted.

    Attributes:
        pace: as learnt so far.
        paused_until: as the argument; `JobMonitor` moves it when a person restores something.
    """

    def __init__(
        self, pace: Pace, deadline: float, active_job: ActiveJob | None = None, paused_until: float = 0.0
    ) -> None:
        self.pace = pace
        self.paused_until = paused_until
        self._deadline = deadline
        self._active_job = active_job
        self._must_look = False
        self._round_trip = 0.0
        self._spares_looks = False
        self._searched = 0.0

    @property
    def ends_at(self) -> float | None:
        """When the running job should end; None when the slot is thought free."""
        return self._active_job.ends_at if self._active_job else None

    @property
    def started_at(self) -> float | None:
        """When the running job was created; None when the slot is thought free."""
        return self._active_job.started_at if self._active_job else None

    def frees_within(self, seconds: float, now: float) -> bool:
        """Whether the slot should be free so soon."""
        return self._active_job is None or self._active_job.ends_at - now <= seconds

    def step(
        self,
        now: float,
        *,
        has_target: bool,
        exhausted: bool,
        unsettled: bool,
        others_busy: bool = False,
        comes_along: bool = False,
    ) -> Action:
        """What to do now.

        Args:
            now: epoch seconds.
            has_target: a target is at hand.
            exhausted: the walk has none left.
            unsettled: jobs of this slice whose outcome is not known yet.
            others_busy: other slices work in this invocation, so that it is billed anyway and waiting costs nothing.
            comes_along: other slices had a part in this invocation, and will be in the next one.
        """
        if self._must_look:
            return Poll()
        nothing_left = exhausted and not has_target
        if nothing_left and self._active_job is None:
            return Poll() if unsettled else Finished()
        ends_at = self._active_job.ends_at - self._round_trip / 2 if self._active_job else now
        free_at = ends_at if nothing_left else max(ends_at, self.paused_until)
        if now >= self._deadline:
            return HandOver(self._delay(free_at, now, comes_along=comes_along))
        if free_at <= now:
            return self._at_free(has_target=has_target, nothing_left=nothing_left)
        return self._before_free(
            now,
            free_at,
            has_target=has_target,
            nothing_left=nothing_left,
            others_busy=others_busy,
            comes_along=comes_along,
        )

    def _at_free(self, *, has_target: bool, nothing_left: bool) -> Action:
        if has_target:
            return Submit()
        return Poll() if nothing_left else Search()

    def _before_free(
        self,
        now: float,
        free_at: float,
        *,
        has_target: bool,
        nothing_left: bool,
        others_busy: bool,
        comes_along: bool,
    ) -> Action:
        searching = 0.0 if nothing_left else self.pace.search
        look_at = self._look_at(free_at)
        next_at = min(look_at, free_at - searching)
        longest = LONGEST_SLEEP * (SHARED if comes_along else 1)
        too_long = next_at - now > longest and not others_busy
        if too_long or next_at > self._deadline:
            return HandOver(self._delay(free_at, now, comes_along=comes_along and not too_long))
        if look_at <= now:
            return Poll()
        if not has_target and not nothing_left and (others_busy or free_at - now <= LONGEST_SLEEP + searching):
            return Search()
        return Wait(min(look_at, free_at, now + LONGEST_SLEEP))

    def _look_at(self, free_at: float) -> float:
        """When to look at the running job; not before `free_at` when that is not worth it."""
        job = self._active_job
        if job is None or job.progress_known or self._spares_looks or job.earliest <= job.busy_at:
            return free_at
        return min(job.earliest, free_at)

    def _delay(self, free_at: float, now: float, *, comes_along: bool) -> float:
        next_at = min(self._look_at(free_at), free_at - self.pace.search)
        if comes_along and next_at - now <= ONE_SLICE:
            return max(self._deadline - now, 0.0)
        return min(max(next_at - now - LEAD, 0.0), MAX_DELAY)

    # What the purge loop reports.

    def created(self, job_id: str, entries: int, asked_at: float, now: float) -> None:
        """A job of ours was accepted, so the one before it is over.

        Args:
            job_id: the service's id of it.
            entries: how many it deletes.
            asked_at: when the request was begun, epoch seconds.
            now: when the reply came, epoch seconds.
        """
        round_trip = now - asked_at
        self._round_trip = min(self._round_trip or round_trip, round_trip)
        self._spares_looks = round_trip > CROWDED * self._round_trip
        started_at = now - self._round_trip / 2
        if self._active_job is not None:
            self._learn(self._active_job, started_at)
        usual = self.pace.seconds(entries)
        confidence = self.pace.confidence if usual > LONGEST_SLEEP else min(self.pace.confidence, HALF)
        self._active_job = ActiveJob(
            job_id,
            entries,
            started_at,
            started_at + usual,
            busy_at=started_at,
            earliest=started_at + confidence * usual,
        )

    def busy(self) -> None:
        """A submission was refused: the slot is taken. By whom, and for how long, the job list tells.

        It may be a person's job; if it were only tried again, one that is over by then would never be noticed.
        """
        self._must_look = True

    def seen(self, job: Job, now: float, *, entries: int = 0) -> None:
        """The job list shows who holds the slot.

        Args:
            job: the active job.
            now: epoch seconds.
            entries: how many entries it deletes, when it is ours; 0 for somebody else's.
        """
        self._must_look = False
        known, moment = self._active_job, now - self._round_trip / 2
        started = min(job.created_at or moment, moment)
        if known is not None and known.job_id == job.id:
            started = known.started_at
        elapsed = max(moment - started, 0.0)
        least, expected, progress_known = self._expected(job, elapsed, entries)
        shortest = elapsed + max(SHORTEST_WAIT, SHARE_OF_WAIT * elapsed)
        self._active_job = ActiveJob(
            job.id,
            entries,
            started,
            started + max(expected, shortest),
            busy_at=moment,
            earliest=started + max(least, shortest),
            progress_known=progress_known,
        )

    def _expected(self, job: Job, elapsed: float, entries: int) -> tuple[float, float, bool]:
        """How long the job takes at least and should take in all, and whether its progress says so.

        Progress is a whole number, so it leaves a range: of a narrow one the end is taken; in a wide one what others
        took, outside of it its beginning, for a look that comes too early costs less than one too late.
        """
        usual = self.pace.seconds(entries) if entries else elapsed * 1.5
        if job.progress < FIRST_TELLING_PROGRESS:
            longer = 1 + OVERDUE_SHARE if elapsed < 2 * usual else 1 + FAR_OVERDUE_SHARE
            least = max(elapsed * longer, self.pace.confidence * usual)
            return least, max(usual, least), False
        least, most = elapsed * 100 / min(job.progress + 1, 100), elapsed * 100 / job.progress
        if most - least <= NARROW:
            return least, most + AIM_BEHIND, True
        return least, (usual if least <= usual <= most else least), False

    def idle(self, now: float) -> None:
        """The job list shows that nothing runs."""
        self._must_look = False
        if self._active_job is not None:
            self._learn(self._active_job, now)
        self._active_job = None

    def searched(self, seconds: float, *, found: bool) -> None:
        """One more step of the search for a target took so long (seconds); `found`: it was the last one."""
        self._searched += seconds
        if found:
            forgotten = (1 - SEARCH_FORGETS) * self.pace.search + SEARCH_FORGETS * self._searched
            self.pace = replace(self.pace, search=max(self._searched, forgotten))
            self._searched = 0.0

    def _learn(self, active_job: ActiveJob, ended_by: float) -> None:
        """A job of ours ended, some time between when it was last seen running and now."""
        if not active_job.entries:
            return
        at_most = max(ended_by - active_job.started_at, 0.05)
        at_least = active_job.busy_at - active_job.started_at
        predicted = active_job.ends_at - active_job.started_at
        surely = 1.0
        if active_job.progress_known:
            actual = min(predicted, at_most)
        elif at_most - at_least <= TIGHT * at_most:
            actual = (at_least + at_most) / 2
        else:
            actual = max(min(predicted, at_most) * TRY_EARLIER, at_least)
            surely = UNSEEN if at_least == 0 else 1.0
        self._doubt(surely * actual / self.pace.seconds(active_job.entries))
        if active_job.entries == 1:
            self.pace = replace(self.pace, per_job=max((self.pace.per_job + actual) / 2, 0.05))
        else:
            beyond = max(actual - self.pace.per_job, 0.0) / (active_job.entries - 1)
            self.pace = replace(self.pace, per_entry=(self.pace.per_entry + beyond) / 2)

    def _doubt(self, share: float) -> None:
        """A job took this share of the time it should have taken, at least."""
        confidence = self.pace.confidence + CONFIDENCE_FORGETS * (1 - self.pace.confidence)
        self.pace = replace(self.pace, confidence=min(max(min(share, confidence), LEAST_CONFIDENCE), MOST_CONFIDENCE))
