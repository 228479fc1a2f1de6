"""Runs while people, policies and faults come between any two calls: safe always, finished always.

Every job is checked against the bin of the very moment it is created; when the faults are over, sweeps take all that
the policies select.
"""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from functions.retention.audit.journal import Journal
from functions.retention.core.errors import RetentionError
from functions.retention.policy.judge import Judge
from functions.retention.runs.message import MAX_BYTES
from functions.retention.runs.sweep import Sweep, SweepRequest
from tests.unit.retention.bins import DAY, NOW, OLD, YOUNG
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed
from tests.unit.retention.job_bin import Crash, subtree

PROTECTED = ("/keep/**", "/keep")
SOON = st.floats(0, 400)
PATH = st.lists(st.sampled_from(["a", "b", "c", "keep"]), min_size=1, max_size=3).map(
    lambda names: "/" + "/".join(names)
)
MISHAPS = ["crash-before", "crash-after", "silence-before", "silence-after", "throttle", "refuse"]


class PurgeRun(RuleBasedStateMachine):
    """One file system with everything that can happen to it."""

    @initialize(
        paths=st.lists(st.tuples(PATH, st.sampled_from([OLD, OLD, YOUNG]), st.integers(1, 3)), min_size=3, max_size=12),
        trees=st.lists(st.tuples(PATH, st.sampled_from([OLD, YOUNG])), max_size=3),
        base=st.sampled_from([0.5, 10, 200, 2_000]),
    )
    def fill(self, paths: list[tuple[str, str, int]], trees: list[tuple[str, str]], base: float) -> None:
        self.cloud = MemoryCloud(deployed(protect=PROTECTED), NOW)
        self.bin, self.log, self.queue = self.cloud.bin, self.cloud.log, self.cloud.queues
        self.clock = self.cloud.clock
        self.bin.base = base
        self.bin.watcher = self.check
        self.violations: list[str] = []
        self.requests = 0
        for path, deleted, files in paths:
            for number in range(files):
                self.bin.tree.write(f"{path}/f{number}", number + 1)
            self.bin.tree.drop(f"{path}.{files}", deleted, files)
        for path, deleted in trees:
            self.bin.tree.remove(path, deleted)
        self.sweep()

    # What is checked.

    def check(self, file_id: str, token: str) -> None:
        """A job of ours is about to be created: it was announced, and all that goes with it may go now."""
        everything = self.bin.tree.all_entries()
        entry, _ = everything[file_id]
        wanted = {"file_id": file_id, "client_token": token, "delete_time": entry.delete_time}
        if not self.log.events("intent", **wanted):
            self.violations.append(f"job for {entry} was not announced")
        for each in subtree(self.bin.tree, file_id):
            if not self.gate().verdict(*everything[each]).delete:
                self.violations.append(f"{everything[each]} should have stayed")

    def gate(self) -> Judge:
        """The policies at this moment."""
        file, now = self.cloud.file, self.clock.now()
        return Judge(file.policies, file.guardrails, as_of=now, now=now)

    @invariant()
    def nothing_that_has_to_stay_was_deleted(self) -> None:
        assert self.violations == []

    @invariant()
    def no_job_was_cancelled_and_messages_are_small(self) -> None:
        assert self.bin.cancelled_by_us == []
        assert self.queue.longest <= MAX_BYTES

    @invariant()
    def no_target_has_more_jobs_than_failures_allow(self) -> None:
        jobs, failures = Counter[str](), Counter[str]()
        for work in self.bin.works:
            if work.job.id in self.bin.ours:
                jobs[work.job.file_id] += 1
                failures[work.job.file_id] += work.job.status not in ("success", "running")
        again = Counter(work.job.file_id for work in self.bin.works if work.job.type == "Restore")
        assert all(number <= 1 + failures[each] + again[each] for each, number in jobs.items())

    # What happens by itself.

    @rule()
    def sweep(self) -> None:
        journal = Journal(self.log, self.clock, random.Random(self.requests), {"request": f"sweep-{self.requests}"})
        self.requests += 1
        with suppress(RetentionError, Crash):
            Sweep(self.cloud, self.clock, journal, at=self.clock.now(), pace=6).run(SweepRequest())

    @rule(messages=st.integers(1, 12))
    def deliver_in_order(self, messages: int) -> None:
        for _ in range(messages):
            self.queue.queued_messages.sort(key=lambda queued: queued.due)
            self.deliver(0, duplicates=False)

    @rule(which=st.integers(0, 9), duplicates=st.booleans())
    def deliver(self, which: int, duplicates: bool) -> None:  # noqa: FBT001 - drawn
        if not self.queue.queued_messages:
            return
        queued = self.queue.queued_messages.pop(which % len(self.queue.queued_messages))
        self.clock.sleep(queued.due - self.clock.now())
        self.clock.gather([self.invocation(queued)] * (2 if duplicates else 1))

    def invocation(self, queued: QueuedMessage) -> Callable[[], None]:
        """An invocation of the purge function; its message comes again when it ends badly."""

        def invoke() -> None:
            try:
                self.cloud.invoke(queued)
            except (Crash, RetentionError):
                self.queue.queued_messages.append(QueuedMessage(self.clock.now() + 60, queued.body, queued.tries + 1))

        return invoke

    @rule(seconds=st.sampled_from([1, 30, 100, 1_000, 5_000]))
    def time_passes(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        self.bin.catch_up()

    # What goes wrong.

    @rule(calls=st.integers(0, 60), mishap=st.sampled_from(MISHAPS))
    def break_a_call(self, calls: int, mishap: str) -> None:
        self.cloud.line.after(calls, mishap)  # type: ignore[arg-type]  # one of MISHAPS

    @rule(which=st.integers(0, 9))
    def lose_a_message(self, which: int) -> None:
        if self.queue.queued_messages:
            self.queue.queued_messages.pop(which % len(self.queue.queued_messages))

    @rule(which=st.integers(0, 9), seconds=SOON)
    def repeat_a_message(self, which: int, seconds: float) -> None:
        if self.queue.queued_messages:
            body = self.queue.queued_messages[which % len(self.queue.queued_messages)].body
            self.queue.queued_messages.append(QueuedMessage(self.clock.now() + seconds, body))

    @rule(lag=st.sampled_from([0, 5, 60]), writes=st.booleans(), reads=st.booleans())
    def the_log_has_moods(self, lag: float, writes: bool, reads: bool) -> None:  # noqa: FBT001 - drawn
        self.log.lag, self.log.writes, self.log.reads = lag, writes, reads

    @rule(end=st.sampled_from(["fail", "partialsuccess"]), unlisted=st.sampled_from([0, 0, 3]))
    def a_job_will_fail(self, end: str, unlisted: float) -> None:
        self.bin.ends.append(end)
        self.bin.unlisted_for = unlisted

    # What people do.

    def some_entry(self, which: int) -> str:
        everything = sorted(self.bin.tree.all_entries())
        return everything[which % len(everything)] if everything else ""

    @rule(which=st.integers(0, 99), after=SOON, seconds=st.floats(6, 600), again=st.booleans())
    def restore(self, which: int, after: float, seconds: float, again: bool) -> None:  # noqa: FBT001 - drawn
        entry = self.some_entry(which)
        self.bin.later(after, lambda: self.bin.restore(entry, seconds, delete_again=again))

    @rule(which=st.integers(0, 99), after=SOON, seconds=st.floats(1, 600))
    def delete_for_good(self, which: int, after: float, seconds: float) -> None:
        entry = self.some_entry(which)
        self.bin.later(after, lambda: self.bin.remove(entry, seconds))

    @rule(after=SOON)
    def cancel_what_runs(self, after: float) -> None:
        self.bin.later(after, self.bin.stop)

    @rule(path=PATH, deleted=st.sampled_from([OLD, YOUNG]))
    def delete_from_live_directories(self, path: str, deleted: str) -> None:
        self.bin.tree.drop(f"{path}/new", deleted)

    @rule(older_than=st.sampled_from(["7d", "20d", "60d"]), protects_more=st.booleans())
    def change_the_policies(self, older_than: str, protects_more: bool) -> None:  # noqa: FBT001 - drawn
        more = ("/a", "/a/**") if protects_more else ()
        self.cloud.file = deployed(older_than=older_than, protect=(*PROTECTED, *more))

    # In the end.

    def teardown(self) -> None:
        if not hasattr(self, "cloud"):
            return
        self.cloud.line.mishaps.clear()
        self.bin.ends.clear()
        self.the_log_has_moods(0, writes=True, reads=True)
        self.cloud.play()
        self.time_passes(DAY)
        self.bin.tree.write("/seen/inside/file", 1)
        self.bin.tree.remove("/seen/inside", YOUNG)
        for _ in range(6):  # a run that finds a person's cancel leaves all to the next sweep, and its entry for a week
            self.sweep()
            began_at = self.clock.now()
            self.cloud.play()
            self.time_passes(3 * DAY)
        file = self.cloud.file
        gate = Judge(file.policies, file.guardrails, as_of=began_at, now=began_at)
        left, _ = self.bin.tree.fewest(gate)
        assert left == 0, "sweeps without faults leave nothing that is selected"
        self.nothing_that_has_to_stay_was_deleted()
        self.no_job_was_cancelled_and_messages_are_small()


TestPurgeRun = PurgeRun.TestCase
TestPurgeRun.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
