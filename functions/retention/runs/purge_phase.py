"""The walks of a run that delete: puts together what drives one slice of them."""

from contextlib import suppress
from dataclasses import replace

from functions.retention.audit import Intent, Journal, RunLedger
from functions.retention.core import CloudError, RecycleBin, Stop
from functions.retention.jobs import Canary, Driver, JobBook, Jobs, Occupant, Progress, RunningJob, Slot, Terms
from functions.retention.runs.context import Scene, Tools, judge_for
from functions.retention.runs.message import REST, RunMessage
from functions.retention.runs.preflight import count_stuck
from functions.retention.walk import Pass, Prefetch, Purge


class Purging:
    """One slice of a purge.

    Args:
        recycle_bin: what is purged.
        tools: what the slice works with.
        journal: for intents and outcomes.
        ledger: what the log says of the run.
        began_at: when the run began, epoch seconds.
        open_intents: announced jobs of earlier slices whose outcome is not known.
        announced: targets announced by an earlier try at this very slice; they count as this one's.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        tools: Tools,
        journal: Journal,
        ledger: RunLedger,
        *,
        began_at: float,
        open_intents: list[Intent],
        announced: list[Intent],
    ) -> None:
        self._bin, self._tools, self._journal, self._ledger = recycle_bin, tools, journal, ledger
        self._began_at, self._open_intents, self._announced = began_at, open_intents, announced

    def run(self, message: RunMessage, scene: Scene | None) -> tuple[RunMessage, float | None]:
        """Purge on from a run's position.

        Args:
            message: the position.
            scene: what the slice works on; None when the run only waits for its last job.

        Returns:
            The position reached, and seconds until the next slice; None when nothing is left and nothing runs.

        Raises:
            CloudError: nothing could be done.
        """
        message = replace(message, progress=self._counted(message.progress))
        walk, book, slot = self._walk(message, scene), self._book(message), self._slot(message)
        jobs = Jobs(
            self._bin,
            slot,
            book,
            journal=self._journal,
            ledger=self._ledger,
            clock=self._tools.clock,
            progress=message.progress,
            stop=message.stopping,
        )
        driver = self._driver(message, scene, walk, slot=slot, book=book, jobs=jobs)
        try:
            after = driver.run()
        except CloudError:  # if it lasts, the next slice meets it before it has done anything
            if jobs.progress.jobs == message.progress.jobs:
                raise
            after = REST
            with suppress(CloudError):
                driver.wind_up()
        return _reached(message, jobs, walk, slot), after

    def _counted(self, progress: Progress) -> Progress:
        """The run's progress and what an earlier try at this slice announced."""
        return replace(
            progress,
            jobs=progress.jobs + len(self._announced),
            announced_size=progress.announced_size + sum(intent.size for intent in self._announced),
            announced_entries=progress.announced_entries + sum(intent.entries for intent in self._announced),
        )

    def _driver(
        self, message: RunMessage, scene: Scene | None, walk: Purge | None, *, slot: Slot, book: JobBook, jobs: Jobs
    ) -> Driver:
        return Driver(
            self._bin,
            walk,
            slot=slot,
            book=book,
            jobs=jobs,
            journal=self._journal,
            clock=self._tools.clock,
            terms=self._terms(message, scene),
            canary=Canary(scene.canary if scene is not None else 0, message.progress),
            watch=scene.watch.stop if scene is not None else _never,
            seat=self._tools.seat,
        )

    def _book(self, message: RunMessage) -> JobBook:
        book = JobBook(self._open_intents)
        if message.running is not None:
            book.open(message.running.job_id, _intent(message.running))
        return book

    def _slot(self, message: RunMessage) -> Slot:
        running = message.running
        occupant = None
        if running is not None:
            occupant = Occupant(running.entries, running.started_at, running.ends_at, running.started_at)
        return Slot(message.pace, self._tools.deadline, occupant, message.rest_until)

    def _walk(self, message: RunMessage, scene: Scene | None) -> Purge | None:
        if scene is None:
            return None
        number = min(message.progress.walks, len(message.last_ranks) - 1)
        last = message.last_ranks[number] if message.last_ranks else None
        prefetch = Prefetch([self._bin, *self._tools.more_listings()], self._tools.clock)
        walk = Purge(
            prefetch,
            scene.recents,
            judge_for(scene, message),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            only=Pass(scene.order, last),
        )
        prefetch.upcoming = walk.upcoming
        return walk

    def _terms(self, message: RunMessage, scene: Scene | None) -> Terms:
        file = self._tools.file if scene is None else scene.file
        return Terms(
            limits=file.guardrails.limits,
            deadline=self._tools.deadline,
            began_at=self._began_at,
            reserved_days=0 if scene is None else scene.state.attributes.reserved_days,
            announced=frozenset(intent.identity for intent in self._announced),
            listed=message.listed,
            up_to=None if scene is None else scene.up_to,
        )


def _reached(message: RunMessage, jobs: Jobs, walk: Purge | None, slot: Slot) -> RunMessage:
    progress = replace(jobs.progress, unretried=jobs.progress.unretried + jobs.waiting)
    message = replace(
        message,
        progress=progress,
        running=jobs.running,
        pace=slot.pace,
        rest_until=slot.rest_until,
        stopping=jobs.stop,
    )
    if walk is None:
        return message
    progress = replace(
        progress,
        list_calls=progress.list_calls + walk.list_calls,
        listed_again=progress.listed_again + walk.listed_again,
    )
    progress = count_stuck(progress, walk)
    return replace(message, progress=progress, cursor=walk.cursor(), sees_inside=walk.sees_inside)


def _never(_: float) -> Stop | None:
    """A run that only waits for its last job has been stopped already."""
    return None


def _intent(running: RunningJob) -> Intent:
    return Intent(
        running.file_id,
        running.delete_time,
        running.client_token,
        running.started_at,
        running.size,
        running.entries,
        path="",
    )
