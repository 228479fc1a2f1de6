"""What is measured of a run, and the physical limits it is measured against."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aliyun_fakes.nas.file_system import FileSystem
from demo import brute_force
from functions.retention.core.recycle_bin import ROOT_ID
from tests.bench.direct import Wire
from tests.bench.workloads import AGE

PAGE = 1_000
SHARES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Bounds:
    """What no client can do better, of all file systems together.

    Attributes:
        jobs: the fewest that take all that may go.
        pages: the fewest listings that show everything that has to be judged, for one walk.
        entries: in the bins.
        size: bytes that go.
    """

    jobs: int
    pages: int
    entries: int
    size: int


def bounds(file_systems: Iterable[FileSystem]) -> Bounds:
    """Found by brute force, from what is in the bins now."""
    each = [_bounds(file_system) for file_system in file_systems]
    return Bounds(*(sum(column) for column in zip(*each, strict=True)))


def _bounds(file_system: FileSystem) -> tuple[int, int, int, int]:
    entries = [entry for _, entry in file_system.bin_entries()]
    going = brute_force.must_go(entries, brute_force.Rules(AGE), file_system.now())
    gone = [entry for entry in entries if brute_force.key(entry) in going]
    ids = {entry.file_id for entry in gone}
    shown = Counter(entry.parent_id for entry in entries)
    opened = {ROOT_ID, *shown, *(entry.file_id for entry in entries if entry.type == "Directory")}
    pages = sum(max(1, math.ceil(shown[directory] / PAGE)) for directory in opened)
    return sum(entry.parent_id not in ids for entry in gone), pages, len(entries), sum(entry.size for entry in gone)


@dataclass(frozen=True)
class Figures:
    """One run of one client on one workload.

    Attributes:
        workload: its name.
        client: who did it.
        jobs: deletion jobs it created.
        fewest: see `Bounds.jobs`.
        busy: share of the time between a file system's first job's start and its last job's end in which a job ran;
            mean over file systems with more than one job.
        listings: listings of directories.
        pages: see `Bounds.pages`.
        walks: passes over the bin that were made, at least.
        calls: to NAS, the log and the queue.
        seconds: from the beginning to the end of all.
        reclaimed: seconds after which 50, 90 and 99 % of the bytes were gone; None when they never were.
        cu: billed.
        invocations: of functions.
        entries: in the bins before.
        unfinished: runs that were lost on the way, for the next sweep to take up again.
    """

    workload: str
    client: str
    jobs: int
    fewest: int
    busy: float
    listings: int
    pages: int
    walks: int
    calls: int
    seconds: float
    reclaimed: tuple[float | None, ...]
    cu: float
    invocations: int
    entries: int
    unfinished: int

    @property
    def jobs_ratio(self) -> float:
        """Jobs over the fewest possible."""
        return self.jobs / max(self.fewest, 1)

    @property
    def listings_ratio(self) -> float:
        """Listings over the fewest possible for as many walks."""
        return self.listings / max(self.pages * self.walks, 1)


def figures(
    workload: str,
    client: str,
    wire: Wire,
    limit: Bounds,
    *,
    began_at: float,
    walks: int,
    cu: float,
    invocations: int,
    unfinished: int = 0,
) -> Figures:
    """What came of a run that has just ended."""
    file_systems = list(wire.cloud.nas.file_systems.values())
    shares = [busy_share(each) for each in file_systems if len(_ours(each, wire)) > 1]
    return Figures(
        workload=workload,
        client=client,
        jobs=sum(len(_ours(each, wire)) for each in file_systems),
        fewest=limit.jobs,
        busy=sum(shares) / max(len(shares), 1),
        listings=wire.calls["ListRecycledDirectoriesAndFiles"],
        pages=limit.pages,
        walks=walks,
        calls=wire.calls.total(),
        seconds=wire.cloud.clock.now() - began_at,
        reclaimed=_reclaimed(file_systems, wire, limit.size, began_at),
        cu=cu,
        invocations=invocations,
        entries=limit.entries,
        unfinished=unfinished,
    )


def _ours(file_system: FileSystem, wire: Wire) -> list[tuple[float, int]]:
    """End and bytes of each deletion job that came over the wire."""
    return [(job.end or math.inf, wire.size_of[job.id]) for job in file_system.job_log if job.id in wire.size_of]


def busy_share(file_system: FileSystem) -> float:
    """The share of the time between its first job's start and its last job's end in which a job ran."""
    log = file_system.job_log
    begin, end = log[0].start, max(job.end or job.ends for job in log)
    return file_system.busy_seconds(begin, end) / (end - begin)


def _reclaimed(file_systems: Sequence[FileSystem], wire: Wire, size: int, began_at: float) -> tuple[float | None, ...]:
    ends = sorted(job for each in file_systems for job in _ours(each, wire))
    moments: dict[float, float] = {}
    gone = 0
    for end, reclaimed in ends:
        gone += reclaimed
        for share in SHARES:
            if share not in moments and gone >= share * size:
                moments[share] = end - began_at
    return tuple(moments.get(share) for share in SHARES)
