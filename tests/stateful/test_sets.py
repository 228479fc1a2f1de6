"""A purge takes its set and nothing else, however the survey is cut into slices and whatever changes before it."""

import random
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from functions.retention.core.errors import CloudError
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.judge import Judge
from functions.retention.walk.selection import Collector, Row, TargetSet, key_of, rows_of
from functions.retention.walk.survey import Survey
from functions.retention.walk.tally import Tally
from functions.retention.walk.targets import TargetWalk
from tests.stateful.test_walk_packing import BINS, PROTECTED, handed_over
from tests.unit.retention.bins import DAY, NOW, TreeBin, judge
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed
from tests.unit.retention.job_bin import Crash, Mishap

MANY = settings(max_examples=300, deadline=None)
MISHAPS: list[Mishap] = ["crash-before", "crash-after", "silence-before", "silence-after", "throttle"]


def collected(
    tree: TreeBin, gate: Judge, breaks: random.Random, *, limit: int = 50_000, rate: float = 0.0
) -> list[Row]:
    """The rows of a survey in slices that end at random."""
    adapter = TypeAdapter(Tally)
    payloads: list[str] = []
    collector = Collector(limit)
    survey = Survey(tree, tree.recents(), gate, collector=collector)
    slices = count(1)
    while not survey.finished:
        survey.step()
        if not survey.finished and breaks.random() < rate / next(slices):
            payloads += collector.payloads()
            tally, cursor = adapter.validate_json(adapter.dump_json(survey.tally)), handed_over(survey.cursor())
            collector = Collector(limit)
            survey = Survey(tree, tree.recents(), gate, cursor=cursor, sees_inside=survey.sees_inside, tally=tally,
                            collector=collector)  # fmt: skip
    return rows_of([*payloads, *collector.payloads()])


def taken(tree: TreeBin, gate: Judge, rows: list[Row], breaks: random.Random, rate: float = 0.0) -> list[set[str]]:
    """The ids that each job of a purge of the rows deletes, in slices that end at random."""
    chosen = TargetSet(rows)
    walk = TargetWalk(tree, tree.recents(), gate, chosen, sees_inside=True)
    slices = count(1)
    jobs: list[set[str]] = []
    while not walk.finished:
        if breaks.random() < rate / next(slices):
            cursor = handed_over(walk.cursor())
            walk = TargetWalk(tree, tree.recents(), gate, chosen, cursor=cursor, sees_inside=True)
        if walk.peek() is None:
            walk.step()
        else:
            jobs.append(set(tree.delete(walk.take().entry.file_id)))
    return jobs


@MANY
@given(tree=BINS, protect=PROTECTED, seed=st.integers(0, 999), rate=st.sampled_from([0.0, 0.5, 3.0]))
def test_a_set_has_the_fewest_targets_however_the_survey_is_cut(
    tree: TreeBin, protect: list[str], seed: int, rate: float
) -> None:
    gate = judge(*protect)
    entries = {file_id: entry for file_id, (entry, _) in tree.all_entries().items()}
    rows = collected(tree, gate, random.Random(seed), rate=rate)
    whole = collected(tree, gate, random.Random(seed))
    assert rows == whole == sorted(rows)
    sees_inside = any(entry.file_id in tree.entries for entry in entries.values() if entry.is_directory)
    if sees_inside:
        assert len(rows) == tree.fewest(gate)[0]


@MANY
@given(tree=BINS, protect=PROTECTED, seed=st.integers(0, 999), rate=st.sampled_from([0.0, 0.5, 3.0]))
def test_a_set_is_taken_whole_when_nothing_changed(tree: TreeBin, protect: list[str], seed: int, rate: float) -> None:
    gate, rng = judge(*protect), random.Random(seed)
    keys = {file_id: key_of(entry) for file_id, (entry, _) in tree.all_entries().items()}
    rows = collected(tree, gate, rng)
    jobs = taken(tree, gate, rows, rng, rate)
    assert len(jobs) == len(rows)
    assert {row.key for row in rows} <= {keys[file_id] for job in jobs for file_id in job}


@MANY
@given(
    tree=BINS,
    protect=PROTECTED,
    limits=st.tuples(st.integers(1, 4), st.integers(0, 4)),
    seed=st.integers(0, 999),
    rate=st.sampled_from([0.0, 0.5, 3.0]),
)
def test_whatever_leaves_in_between_no_more_targets_go_and_no_directory_in_parts(
    tree: TreeBin, protect: list[str], limits: tuple[int, int], seed: int, rate: float
) -> None:
    gate, rng, (up_to, leave) = judge(*protect), random.Random(seed), limits
    rows = collected(tree, gate, rng, limit=up_to, rate=rate)[:up_to]
    by_key = {key_of(entry): file_id for file_id, (entry, _) in tree.all_entries().items()}
    for file_id in rng.sample(sorted(by_key.values()), k=min(leave, len(by_key))):
        if file_id in tree.all_entries():
            tree.delete(file_id)
    jobs = taken(tree, gate, rows, rng, rate)
    assert len(jobs) <= len(rows) <= up_to
    roots = {by_key[row.key] for row in rows}
    assert all(job & roots for job in jobs)


@MANY
@given(
    up_to=st.integers(1, 6),
    mishaps=st.lists(st.tuples(st.integers(0, 25), st.sampled_from(MISHAPS)), max_size=6),
    copies=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), max_size=6),
    drops=st.lists(st.integers(0, 11), max_size=3),
)
def test_up_to_holds_whatever_comes_twice_breaks_off_or_gets_no_answer(
    up_to: int, mishaps: list[tuple[int, Mishap]], copies: list[tuple[int, int]], drops: list[int]
) -> None:
    cloud = MemoryCloud(deployed(), NOW)
    files = [cloud.bin.tree.drop(f"/{number:02}", format_service_time(NOW - 30 * DAY + number)) for number in range(12)]
    cloud.begin(narrowing={"up_to": up_to})
    weather, twice, gone = iter(mishaps), iter(copies), iter(drops)
    queue = cloud.queues.queued_messages
    for _ in range(60):
        if not queue:
            break
        queued = min(queue, key=lambda each: each.due)
        queue.remove(queued)
        cloud.clock.sleep(queued.due - cloud.clock.now())
        number, later = next(twice, (0, 0))
        queue.extend(QueuedMessage(queued.due + later + each, queued.body) for each in range(number))
        cloud.line.mishaps.clear()
        if (mishap := next(weather, None)) is not None:
            cloud.line.after(*mishap)
        if not invoked(cloud, queued):
            queue.append(QueuedMessage(cloud.clock.now() + 30, queued.body, queued.tries + 1))
        left = next(gone, 0)
        if files[left] in cloud.bin.tree.all_entries():
            cloud.bin.tree.delete(files[left])
    assert len({work.job.file_id for work in cloud.bin.works if work.job.is_delete}) <= up_to


def invoked(cloud: MemoryCloud, queued: QueuedMessage) -> bool:
    """Whether an invocation came to its end."""
    try:
        cloud.invoke(queued)
    except (Crash, CloudError):
        return False
    return True
