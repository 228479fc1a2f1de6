"""The message of a run: it arrives as it was sent, it fits the queue whatever happened, and nothing else passes."""

import json
from collections import Counter
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.errors import EventError
from functions.retention.core.run_end import EndReason, RunEnd
from functions.retention.jobs.progress import Pace, Progress, RunningJob
from functions.retention.policy.narrowing import MAX_BYTES as LONGEST_NARROWING
from functions.retention.runs.message import MAX_BYTES, MAX_DETAIL, ROOM_TO_GROW, RunMessage, Selection, parse_message
from functions.retention.walk.cursor import Candidate, Cursor, Key, Step
from functions.retention.walk.tally import OTHER_POLICIES, Counts, Tally
from tests.examples import examples
from tests.unit.retention.bins import NOW

FEW = examples(120)
COUNT = st.integers(0, 2**53)
NAME = st.text("abcXYZ019._-", min_size=1, max_size=64).map(lambda text: f"p{text}"[:64])
FILE_ID = st.text("0123456789", min_size=1, max_size=20)
MOMENT = st.floats(NOW - 1e7, NOW + 1e7)
REASON = st.sampled_from(
    ["too-young", "under-min-age", "protected", "not-matched", "no-policy", "unknown-path", "cannot-look-inside"]
)
STEP = st.builds(
    Step,
    st.text("ABCDEFGH", min_size=8, max_size=8),
    st.lists(st.builds(Candidate, FILE_ID, COUNT, COUNT, COUNT), max_size=9).map(tuple),
)
CURSOR = st.builds(
    Cursor,
    st.lists(STEP, min_size=1, max_size=60).map(tuple),
    st.booleans(),
    st.text("ABCDEFGH", max_size=8),
    st.builds(Key, st.booleans(), FILE_ID),
    st.text(max_size=2_000),
    st.booleans(),
)
BY_POLICY = st.dictionaries(NAME, st.lists(COUNT, min_size=3, max_size=3), max_size=70)
KEPT = st.dictionaries(REASON, COUNT).map(Counter)
COUNTED = (COUNT, COUNT, COUNT, COUNT, KEPT, COUNT, COUNT, BY_POLICY)
COUNTS = st.builds(Counts, *COUNTED)
TALLY = st.builds(Tally, *COUNTED, st.dictionaries(NAME, COUNT, max_size=40), COUNTS)
PROGRESS = st.builds(
    Progress, *[COUNT] * 11, skipped=st.dictionaries(st.sampled_from(["vanished", "expires-itself"]), COUNT)
)
RUNNING = st.builds(
    RunningJob,
    st.text("rb-0123456789", min_size=10, max_size=40),
    FILE_ID,
    st.just("2026-01-31T00:00:00Z"),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    COUNT, COUNT, MOMENT, MOMENT,
)  # fmt: skip


def _short(narrowing: dict[str, list[str]]) -> bool:
    text = json.dumps(narrowing, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode("utf-8", "backslashreplace")) <= LONGEST_NARROWING


GLOBS = st.lists(st.text(max_size=200), max_size=9)
NARROWING = st.dictionaries(st.text(max_size=20), GLOBS, max_size=6).filter(_short)
HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
SELECTION = st.builds(Selection, HEX, HEX, MOMENT, st.lists(st.integers(0, 50_000), min_size=1, max_size=4).map(tuple))
IDENTITY = st.fixed_dictionaries(
    {
        "run": st.text("0123456789abcdef", min_size=32, max_size=32),
        "file_system": st.sampled_from(["1ca404a5e2", "extreme-0123456789abcdef"]),
        "trigger": st.sampled_from(["sweep", "console"]),
        "mode": st.sampled_from(["dry-run", "enforce"]),
        "digest": st.text("0123456789abcdef", min_size=64, max_size=64),
        "as_of": MOMENT, "not_after": MOMENT, "sent_at": MOMENT,
        "slice_number": st.integers(0, 5_000), "send_id": st.text("0123456789abcdef", min_size=12, max_size=12),
        "attempt": st.integers(0, 5), "sees_inside": st.booleans(),
        "planned_jobs": COUNT, "progress": PROGRESS, "paused_until": MOMENT,
        "pace": st.builds(Pace, *[st.floats(0, 1e6)] * 3), "narrowing": NARROWING,
        "selection": SELECTION,
        "cursor": st.none() | CURSOR,
    }
)  # fmt: skip
COUNTING = st.builds(lambda fields, tally: RunMessage(**fields, tally=tally), IDENTITY, TALLY)
STOP = st.builds(RunEnd, st.sampled_from(list(EndReason)), st.text(max_size=3_000))
DELETING = st.builds(
    lambda fields, running, stop: RunMessage(**fields, phase="purge", running=running, stopping=stop),
    IDENTITY, st.none() | RUNNING, st.none() | STOP,
)  # fmt: skip
SMALL = RunMessage("r1", "fs", "sweep", "enforce", "d" * 64, NOW, NOW + 9, NOW, send_id="l")


def sent(message: RunMessage) -> RunMessage:
    """The message as its receiver reads it."""
    body = message.to_body()
    assert len(body.encode("utf-8", "backslashreplace")) <= MAX_BYTES
    return parse_message(json.loads(body))


@FEW
@given(COUNTING | DELETING)
def test_a_run_fits_its_message_whatever_its_names_ids_depths_and_counts(message: RunMessage) -> None:
    received = sent(message)
    for name in (
        "run",
        "file_system",
        "digest",
        "slice_number",
        "send_id",
        "progress",
        "narrowing",
        "phase",
        "selection",
        "pace",
    ):
        assert getattr(received, name) == getattr(message, name)


@FEW
@given(COUNTING | DELETING)
def test_what_was_received_once_can_be_sent_on(message: RunMessage) -> None:
    assert sent(sent(message)) == sent(message)


@given(IDENTITY, st.none() | RUNNING)
def test_a_message_that_fits_arrives_as_it_was(fields: dict[str, object], running: RunningJob | None) -> None:
    message = RunMessage(**{**fields, "cursor": None, "narrowing": {}}, running=running)  # type: ignore[arg-type]
    assert sent(message) == message


@FEW
@given(TALLY, st.integers(0, 5))
def test_counts_put_together_are_as_high_as_before(tally: Tally, named: int) -> None:
    short = tally.shortened(named)
    assert (short.selected, short.size, short.jobs, short.kept) == (
        tally.selected, tally.size, tally.jobs, tally.kept,
    )  # fmt: skip
    for mine, theirs in ((short.by_policy, tally.by_policy), (short.partial.by_policy, tally.partial.by_policy)):
        assert [sum(column) for column in zip(*mine.values(), strict=True)] == [
            sum(column) for column in zip(*theirs.values(), strict=True)
        ]
        assert len(mine.keys() - {OTHER_POLICIES}) <= named or short is tally
    assert sum(short.unproven.values()) == sum(tally.unproven.values())


def test_the_largest_policies_keep_their_names() -> None:
    tally = Tally(by_policy={f"p{size}": [1, size, 0] for size in range(10)})
    assert tally.shortened(2).by_policy == {"p9": [1, 9, 0], "p8": [1, 8, 0], OTHER_POLICIES: [8, 28, 0]}


def test_a_long_reason_for_the_end_is_cut_and_stays_text() -> None:
    stop = RunEnd(EndReason.REFUSED, "ü" * 1_000)
    received = sent(replace(SMALL, stopping=stop)).stopping
    assert received == RunEnd(EndReason.REFUSED, "ü" * (MAX_DETAIL // 2))


def test_a_walk_that_does_not_fit_begins_anew_and_so_do_its_counts() -> None:
    narrowing = {"name": ["x" * 950]}
    kept = Counter({f"reason-{n}": 10**12 for n in range(300)})
    tally = Tally(kept=kept)
    received = sent(replace(SMALL, tally=tally, collected="c" * 32, narrowing=narrowing, cursor=Cursor((Step("a"),))))
    assert (received.cursor, received.tally, received.collected) == (None, Tally(), "")
    assert received.narrowing == narrowing


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"version": 1}, "version"),
        ({"run": 7}, "run"),
        ({"mode": "delete"}, "mode"),
        ({"as_of": "NaN"}, "as_of"),
        ({"as_of": 1e300}, "as_of"),
        ({"not_after": -1}, "not_after"),
        ({"slice_number": "many"}, "slice_number"),
        ({"colour": "red"}, "colour"),
        ({"pace": {"per_job": "inf"}}, "pace.per_job"),
        ({"cursor": {"chain": 3}}, "cursor.chain"),
        ({"narrowing": {"name": "x" * MAX_BYTES}}, "body"),
        ({"run": "x" * MAX_BYTES}, "body"),
    ],
)
def test_what_is_wrong_in_a_message_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(EventError, match=f"^{named}"):
        parse_message(json.loads(SMALL.to_body()) | change)


@pytest.mark.parametrize("missing", ["version", "run", "file_system", "digest", "as_of"])
def test_what_is_missing_in_a_message_is_named(missing: str) -> None:
    wire = json.loads(SMALL.to_body())
    del wire[missing]
    with pytest.raises(EventError, match=f"^{missing}"):
        parse_message(wire)


def test_a_hand_over_is_one_slice_further_under_another_send_id_and_a_first_attempt() -> None:
    following = replace(SMALL, attempt=3, slice_number=4).next_slice("other", NOW + 5)
    assert following == replace(SMALL, slice_number=5, send_id="other", sent_at=NOW + 5)


@pytest.mark.parametrize(
    "wrong",
    [{"progress": {"jobs": -1_000}}, {"tally": {"size": -1}}, {"slice_number": -1}, {"phase": "purge"}],
    ids=["jobs", "bytes", "slice_number", "no survey"],
)
def test_counts_below_zero_and_a_purge_without_a_survey_are_no_message(wrong: dict[str, object]) -> None:
    wire = json.loads(SMALL.to_body()) | wrong
    with pytest.raises(EventError):
        parse_message(wire)


def test_what_a_run_adds_until_its_end_fits_in_the_room_that_is_kept_for_it() -> None:
    skipped = dict.fromkeys(("vanished", "expires-itself", "quarantined", "refused", "conflict"), 10**9)
    counts = {each.name: 10**12 for each in fields(Progress) if each.default == 0}
    counted = Progress(**counts | {"canary_passed": True, "skipped": skipped})  # type: ignore[arg-type]  # all of them
    grown = replace(
        SMALL,
        progress=counted,
        stopping=RunEnd(EndReason.TOO_MANY_FAILURES, "x" * MAX_DETAIL),
        phase="purge",
        slice_number=10_000,
        attempt=5,
        selection=Selection("h" * 32, "r" * 32, NOW, (10**5,) * 4),
        paused_until=1_790_000_000.125,
        planned_jobs=10**9,
        sees_inside=True,
    )
    assert len(grown.shortest().written()) - len(SMALL.shortest().written()) <= ROOM_TO_GROW
