"""Whatever people and jobs do in whatever order: nothing appears from nowhere or is lost without a reason."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.nas import DurationModel, FileSystem, JobFault, NasModel, NasSettings
from aliyun_fakes.nas.entries import Node
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.settings import DAY
from tests.examples import examples

HISTORY = 3
PATHS = st.sampled_from([f"/{a}{b}{c}" for a in "xy" for b in ("", "/p", "/q") for c in ("", "/f")])
SETTINGS = st.builds(
    NasSettings,
    list_order=st.sampled_from(["insertion", "name", "shuffled"]),
    removal=st.sampled_from(["at-end", "progressive"]),
    defragment_seconds=st.sampled_from([0.0, 50.0]),
    recent_directories=st.sampled_from(["deleted-from", "deleted-too"]),
    page_tokens=st.sampled_from(["stable", "offset"]),
    history_length=st.just(HISTORY),
)


@dataclass(frozen=True)
class State:
    """What there was at a moment.

    Attributes:
        live: FileIds of what is live.
        recycled: of what is in the bin, with the moment of deletion.
        above: for each of those, itself and the directories it was in.
        deletions: under way, by the FileIds of their objects.
        is_on: whether the bin was.
    """

    live: frozenset[str]
    recycled: Mapping[str, int]
    above: Mapping[str, frozenset[str]]
    deletions: frozenset[str]
    is_on: bool


def state_of(file_system: FileSystem) -> State:
    entries = {entry.file_id: entry.delete_time for _, entry in file_system.bin_entries()}
    jobs = [job for job in file_system.job_log if job.end is None and job.type == "Delete"]
    return State(
        live=frozenset(str(inode) for inode in file_system.nodes) - entries.keys(),
        recycled=entries,
        above={file_id: frozenset(above(file_system.nodes[int(file_id)])) for file_id in entries},
        deletions=frozenset(job.file_id for job in jobs),
        is_on=file_system.bin_enabled,
    )


def above(node: Node) -> Iterator[str]:
    """FileIds of a node and of what it is in, but for the root."""
    while node.parent is not node:
        yield str(node.inode)
        node = node.parent


class BinMachine(RuleBasedStateMachine):
    """A file system in many hands."""

    @initialize(switches=SETTINGS, faulty=st.booleans())
    def start(self, switches: NasSettings, *, faulty: bool) -> None:
        self.clock = VirtualClock()
        self.file_system = NasModel(self.clock, Ids(), switches).create_file_system(reserved_days=30)
        self.file_system.durations = DurationModel(base=10, per_entry=20)
        if faulty:
            self.file_system.job_faults.append(JobFault("PartialSuccess", nth=2, removes_share=0.5))

    def do(self, act: Callable[[], object]) -> None:
        """Act, as far as the file system allows it; then see what left the bin and why."""
        before = state_of(self.file_system)
        with suppress(ValueError, NasError):
            act()
        after = state_of(self.file_system)
        for file_id in before.recycled.keys() & after.recycled.keys():
            assert before.recycled[file_id] == after.recycled[file_id]
        if before.is_on and after.is_on:
            assert before.live - after.live <= after.recycled.keys()
        for file_id in before.recycled.keys() - after.recycled.keys() - after.live:
            assert self.has_reason_to_be_gone(file_id, before, after)

    def has_reason_to_be_gone(self, file_id: str, before: State, after: State) -> bool:
        """A job on it or on something above, the switch, or its age."""
        age = self.clock.now() - before.recycled[file_id]
        expired = age >= self.file_system.bin.reserved_days * DAY
        return bool(before.above[file_id] & before.deletions) or not after.is_on or expired

    @rule(path=PATHS, size=st.integers(0, 9))
    def write(self, path: str, size: int) -> None:
        self.do(lambda: self.file_system.write(f"{path}/file", size))

    @rule(path=PATHS)
    def make(self, path: str) -> None:
        self.do(lambda: self.file_system.mkdir(path))

    @rule(path=PATHS)
    def remove_file(self, path: str) -> None:
        self.do(lambda: self.file_system.unlink(f"{path}/file"))

    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        self.do(lambda: self.file_system.rm_rf(path))

    @rule(source=PATHS, onto=PATHS)
    def rename(self, source: str, onto: str) -> None:
        self.do(lambda: self.file_system.rename_over(f"{source}/file", f"{onto}/file"))

    @rule(source=PATHS, onto=PATHS)
    def rename_directory(self, source: str, onto: str) -> None:
        self.do(lambda: self.file_system.rename_over(source, f"{onto}/moved"))

    @rule(path=PATHS, days=st.integers(0, 29), is_directory=st.booleans())
    def recycle(self, path: str, days: int, *, is_directory: bool) -> None:
        at = self.clock.now() - days * DAY
        self.do(lambda: self.file_system.recycle(path, size=3, deleted_at=at, is_directory=is_directory))

    @rule(number=st.integers(0, 50))
    def delete(self, number: int) -> None:
        self.do(lambda: self.file_system.delete_job(self.pick(number)))

    @rule(number=st.integers(0, 50), onto=PATHS)
    def restore(self, number: int, onto: str) -> None:
        self.do(lambda: self.file_system.restore_job(self.pick(number), self.file_system.mkdir(onto)))

    @rule()
    def cancel(self) -> None:
        for job in self.file_system.job_log[-1:]:
            self.do(partial(self.file_system.cancel_job, job.id))

    @rule(seconds=st.sampled_from([1.0, 15.0, 100.0, 10.0 * DAY]))
    def wait(self, seconds: float) -> None:
        self.do(lambda: self.clock.sleep(seconds))

    @rule(days=st.integers(1, 180))
    def change_retention(self, days: int) -> None:
        self.do(lambda: self.file_system.set_reserved_days(days))

    @rule()
    def switch(self) -> None:
        on = self.file_system.bin_enabled
        self.do(self.file_system.disable if on else lambda: self.file_system.enable(30))

    def pick(self, number: int) -> str:
        """Any entry of the bin."""
        ids = [entry.file_id for _, entry in self.file_system.bin_entries()] or ["404"]
        return ids[number % len(ids)]

    @invariant()
    def totals_are_right(self) -> None:
        entries = [entry for _, entry in self.file_system.bin_entries()]
        assert self.file_system.bin_count == len(entries)
        assert self.file_system.bin_size == sum(entry.size for entry in entries)
        live = [node for node in self.file_system.nodes.values() if node.is_live]
        assert self.file_system.live_size == sum(node.size for node in live)

    @invariant()
    def paths_are_true(self) -> None:
        assert all(
            path == self.file_system.nodes[int(entry.file_id)].path for path, entry in self.file_system.bin_entries()
        )

    @invariant()
    def the_listings_show_the_whole_bin_once(self) -> None:
        seen = []
        for directory in (node for node in list(self.file_system.nodes.values()) if node.directory is not None):
            token = ""
            while True:
                page = self.file_system.list_recycled(str(directory.inode), token, 10)
                seen += [str(node.inode) for node in page.nodes]
                token = page.next_token
                if not token:
                    break
        assert sorted(seen) == sorted(entry.file_id for _, entry in self.file_system.bin_entries())

    @invariant()
    def recent_directories_lead_to_everything(self) -> None:
        listed = {str(node.inode) for node in self.file_system.list_recent("", 1000).nodes}
        assert {entry.parent_id for _, entry in self.file_system.bin_entries()} <= listed

    @invariant()
    def one_job_at_a_time_and_a_short_history(self) -> None:
        active = [job for job in self.file_system.job_log if job.end is None]
        assert len(active) <= 1
        assert len(list(self.file_system.recent_jobs())) <= HISTORY
        assert all(job.status in ("Running", "Defragmenting") for job in active)


TestBin = BinMachine.TestCase
TestBin.settings = settings(examples(40), stateful_step_count=25)
