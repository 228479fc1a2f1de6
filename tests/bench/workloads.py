"""What is benchmarked: bins of a size and shape, seeded, and how long their jobs take.

Sizes of files: the body of the distribution found on 60 000 desktop file systems, lognormal with mu 9.48 and sigma 2.46
(Agrawal, Bolosky, Douceur, Lorch: A Five-Year Study of File-System Metadata, FAST 2007).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.nas import DurationModel
from aliyun_fakes.nas.entries import BinEntry
from aliyun_fakes.nas.file_system import FileSystem

DAY = 86_400.0
HOUR = 3_600.0
TB = 1e12
AGE = 7 * DAY
"""What the policy of every workload deletes: entries that were deleted longer ago."""

_MU, _SIGMA = 9.48, 2.46
_GOLDEN = 0x9E3779B1


@dataclass(frozen=True)
class Workload:
    """One of them.

    Attributes:
        name: in tables.
        says: what it is, for people.
        fill: makes file systems and fills their bins; the last argument is the scale, 1 for full size.
        people: what people do meanwhile; None: nothing.
    """

    name: str
    says: str
    fill: Callable[[FakeCloud, random.Random, float], None]
    people: "Callable[[FakeCloud, random.Random], None] | None" = None


def evenly(low: float, high: float) -> Callable[[BinEntry], float]:
    """Seconds between two bounds, different for each entry and not to be guessed from anything it shows."""
    return lambda entry: low + (high - low) * (int(entry.file_id) * _GOLDEN % 2**32) / 2**32


def _old(rng: random.Random, now: float) -> float:
    return now - rng.uniform(8, 30) * DAY


def _young(rng: random.Random, now: float) -> float:
    return now - rng.uniform(0.1, 6) * DAY


def _size(rng: random.Random) -> int:
    return int(rng.lognormvariate(_MU, _SIGMA))


def _noise_in(file_system: FileSystem, rng: random.Random, directories: int, files: int) -> None:
    now = file_system.now()
    file_system.durations = DurationModel(base=0.0, of_entry=evenly(1.0, 2.0))
    for number in range(directories):
        names = (f"{rng.getrandbits(40):010x}.tmp" for _ in range(files))
        file_system.recycle_many(f"/home/user{number:05d}/cache", [(n, _size(rng), _old(rng, now)) for n in names])


def noise(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Small files from live directories."""
    _noise_in(cloud.nas.create_file_system(), rng, max(round(2_000 * scale), 1), 100)


def trees(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Removed trees; a job takes 2 s and 50 ms an entry."""
    file_system = cloud.nas.create_file_system()
    file_system.durations = DurationModel(base=2.0, per_entry=0.05)
    for number in range(max(round(500 * scale), 1)):
        entries = max(round(rng.lognormvariate(7.1, 1.0)), 10)
        files = {f"{rng.randrange(1 + entries // 50)}/{name}": _size(rng) for name in range(entries)}
        file_system.recycle_tree(f"/build/tree{number}", files, deleted_at=_old(rng, file_system.now()))


def needles(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Young entries at all depths, live and removed directories, one in a hundred files aged."""
    file_system = cloud.nas.create_file_system()
    now = file_system.now()
    file_system.durations = DurationModel(base=0.0, of_entry=evenly(1.0, 2.0))
    paths, removed = ["/srv"], [False]
    for number in range(max(round(20_000 * scale), 10)):
        above = rng.randrange(len(paths))
        above = above if paths[above].count("/") < 9 else 0  # ten levels
        path = f"{paths[above]}/d{number}"
        paths.append(path)
        removed.append(removed[above] or rng.random() < 0.05)
        if removed[-1]:
            file_system.recycle(path, deleted_at=_young(rng, now), is_directory=True)
        moments = (_old(rng, now) if rng.random() < 0.01 else _young(rng, now) for _ in range(50))
        file_system.recycle_many(path, [(f"f{n}", _size(rng), at) for n, at in enumerate(moments)])


def giants(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Directories of 1 to 6 TB, an hour for each; how many entries they hold tells nothing of it."""
    file_system = cloud.nas.create_file_system()
    file_system.durations = DurationModel(base=2.0, per_byte=HOUR / TB)
    for number in range(max(round(20 * scale), 2)):
        size = rng.uniform(1, 6) * TB / 500
        files = {f"part{n}": int(size) for n in range(500)}
        file_system.recycle_tree(f"/datasets/v{number}", files, deleted_at=_old(rng, file_system.now()))


def fleet(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Many file systems with some noise each."""
    for _ in range(max(round(300 * scale), 2)):
        _noise_in(cloud.nas.create_file_system(), rng, rng.randint(1, 10), 10)


def churn(cloud: FakeCloud, rng: random.Random, scale: float) -> None:
    """Noise, of which people delete and restore some."""
    _noise_in(cloud.nas.create_file_system(), rng, max(round(200 * scale), 2), 50)


def people(cloud: FakeCloud, rng: random.Random) -> None:
    """For six hours: a file is deleted each minute, some entry by hand twice an hour, and one restored."""
    (file_system,) = cloud.nas.file_systems.values()
    for minute in range(360):
        cloud.clock.sleep(60.0)
        path = f"/home/user{rng.randrange(2):05d}/cache/new{minute}"
        file_system.write(path, _size(rng))
        file_system.unlink(path)
        if minute % 30 == 20 or minute == 200:
            _by_hand(cloud, file_system, rng, restores=minute == 200)


def _by_hand(cloud: FakeCloud, file_system: FileSystem, rng: random.Random, *, restores: bool) -> None:
    """A person's job on some entry; while the slot is taken the person tries every two seconds, for ten minutes."""
    for _ in range(300):
        file_system.settle()
        if file_system.jobs.holder is None:
            _job(file_system, rng, restores=restores)
            return
        cloud.clock.sleep(2.0)


def _job(file_system: FileSystem, rng: random.Random, *, restores: bool) -> None:
    recent = next(iter(file_system.bin.recent), None)
    if recent is None or recent.directory is None or not recent.directory.recycled:
        return
    entries = list(recent.directory.recycled)
    file_id = str(entries[rng.randrange(len(entries))].inode)
    if restores:
        file_system.restore_job(file_id)
    else:
        file_system.delete_job(file_id)


WORKLOADS = {
    each.name: each
    for each in (
        Workload("noise", "200 000 small files from 2 000 live directories, jobs of 1 to 2 s", noise),
        Workload("trees", "500 removed trees of about 10^6 entries in all, jobs of 2 s and 50 ms an entry", trees),
        Workload("needles", "10^6 entries in 20 000 directories, 1 % aged, jobs of 1 to 2 s", needles),
        Workload("giants", "20 directories with jobs of 1 to 6 h", giants),
        Workload("fleet", "300 file systems with 10 to 100 files each, jobs of 1 to 2 s", fleet),
        Workload("churn", "10 000 files while people delete and restore, jobs of 1 to 2 s", churn, people),
    )
}


def filled(workload: Workload, scale: float, seed: int) -> FakeCloud:
    """A cloud on a virtual clock with the workload in its bins."""
    cloud = FakeCloud(clock=VirtualClock(), seed=seed)
    workload.fill(cloud, random.Random(f"{workload.name}:{seed}"), scale)
    return cloud
