"""What holds of the judge for every policy, guardrail, moment and entry."""

import json
from collections.abc import Mapping
from datetime import datetime, timezone

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.retention.core.entry import Entry, entry_from_wire
from functions.retention.core.errors import NarrowingRefused
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.judge import Judge
from functions.retention.policy.model import Guardrails, Policy, PolicyFile
from functions.retention.policy.narrowing import narrow
from functions.retention.policy.verdict import Verdict
from tests.examples import examples
from tests.unit.retention.policies import DAY, NOW, guardrails, policy

quick = examples(120)

NAMES = st.sampled_from(["a", "b", "ab", "a.log", "b.tmp", "caf\u00e9", "cafe\u0301", ".git"])
DIRECTORIES = st.lists(NAMES, max_size=3).map(lambda parts: "/" + "/".join(parts))
ODD_DIRECTORIES = st.one_of(
    DIRECTORIES, st.sampled_from(["", "//", "/a/", "a", "/a/../b", "/\ud800"]), st.text(max_size=5)
)
PARTS = st.sampled_from(["a", "b", "*", "a*", "**", "?", "*.log", "caf\u00e9"])
PATH_GLOBS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
NAME_GLOBS = st.sampled_from(["a", "a*", "*", "*.log", "?", "[!a]*", "*.tmp"])
AGES = st.sampled_from(["1h", "12h", "1d", "3d", "7d", "30d"])
TIMES = st.one_of(
    st.integers(-2 * DAY, 40 * DAY).map(lambda ago: format_service_time(NOW - ago)),
    st.sampled_from([0, DAY, 3 * DAY, 7 * DAY, 30 * DAY]).map(lambda ago: format_service_time(NOW - ago)),
    st.sampled_from(["", "1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "x", "\U0010ffff"]),
)
ENTRIES = st.builds(
    Entry,
    file_id=st.sampled_from(["04", "104", ""]),
    type=st.sampled_from(["File", "File", "Directory", ""]),
    name=st.one_of(NAMES, st.sampled_from(["", "..", "a/b"])),
    delete_time=TIMES, atime=TIMES, mtime=TIMES, ctime=TIMES,
    size=st.sampled_from([-1, 0, 1, 1024, 1 << 40]),
    inode=st.just("7"),
)  # fmt: skip
OLD = st.integers(15 * DAY, 90 * DAY).map(lambda ago: format_service_time(NOW - ago))
ENTRY = Entry("04", "File", "a", "", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "", 1024, "7")
LIKELY_ENTRIES = st.builds(
    lambda entry, time: replace(
        entry,
        file_id="04",
        type=entry.type or "File",
        name=entry.name.strip(".") or "a",
        delete_time=time,
        atime=time,
        mtime=time,
    ),
    ENTRIES.filter(lambda entry: "/" not in entry.name),
    OLD,
)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "path": st.lists(PATH_GLOBS, min_size=1, max_size=2),
        "name": st.lists(NAME_GLOBS, min_size=1, max_size=2),
        "not_path": st.lists(PATH_GLOBS, min_size=1, max_size=1),
        "not_name": st.lists(NAME_GLOBS, min_size=1, max_size=1),
        "type": st.sampled_from(["file", "directory"]),
        "size": st.sampled_from([{"min": "1KiB"}, {"max": "1KiB"}]),
        "not_accessed_for": AGES,
        "not_modified_for": AGES,
    },
)
POLICIES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "older_than": AGES,
            "match": MATCHES,
            "keep_bin_below": st.just("1TiB"),
        },
    ),
    max_size=3,
).map(lambda many: [policy(name=f"p{index}", **{"older_than": None, **keys}) for index, keys in enumerate(many)])
LIKELY_POLICIES = st.builds(
    lambda rest, age, match: [policy(name="first", older_than=age, match=match), *rest],
    POLICIES,
    AGES,
    st.one_of(st.just({}), PATH_GLOBS.map(lambda glob: {"path": glob}), NAME_GLOBS.map(lambda glob: {"name": glob})),
)
GUARDRAILS = st.builds(
    lambda age, globs: guardrails(min_age=age, protect=globs),
    st.sampled_from(["1h", "2d", "10d"]),
    st.lists(PATH_GLOBS, max_size=2),
)
MOMENTS = st.one_of(
    st.floats(NOW - 20 * DAY, NOW + 20 * DAY), st.just(NOW), st.sampled_from([-1e15, -1.0, 0.0, 1e11, 1e15])
)
JUDGES = st.builds(Judge, POLICIES, GUARDRAILS, as_of=MOMENTS, now=MOMENTS)
LIKELY_JUDGES = st.builds(
    lambda policies, protect, as_of: Judge(policies, guardrails(protect=protect), as_of=as_of, now=NOW),
    LIKELY_POLICIES,
    st.lists(st.sampled_from(["/a/b", "/**/.git", "/ab/**"]), max_size=1),
    st.floats(NOW - 10 * DAY, NOW),
)
NARROWINGS = st.fixed_dictionaries(
    {},
    optional={
        "path": PATH_GLOBS,
        "name": NAME_GLOBS,
        "older_than": st.sampled_from(["10d", "20d", "30d"]),
        "policies": st.lists(st.sampled_from(["p0", "p1", "p2"]), min_size=1, max_size=2),
        "as_of": st.integers(0, 10 * DAY).map(lambda ago: format_service_time(NOW - ago)),
        "limits": st.just({"jobs": 1}),
        "up_to": st.integers(1, 9),
    },
)
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=2))
WIRE = st.dictionaries(
    st.sampled_from(["FileId", "Type", "Name", "DeleteTime", "ATime", "MTime", "CTime", "Size", "Inode", "x"]),
    st.one_of(ANYTHING, TIMES, st.sampled_from(["File", "Directory", "\ud800"])),
)


def seconds(text: str) -> float:
    """A known service time read by another way than the judge's own."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


@quick
@given(judge=LIKELY_JUDGES, entry=LIKELY_ENTRIES, directory=DIRECTORIES, older=st.integers(1, 400 * DAY))
def test_what_goes_would_go_too_had_it_been_deleted_earlier(
    judge: Judge, entry: Entry, directory: str, older: int
) -> None:
    assume(judge.verdict(entry, directory).delete)
    earlier = replace(entry, delete_time=format_service_time(seconds(entry.delete_time) - older))
    assert judge.verdict(earlier, directory).delete


@quick
@given(
    policies=LIKELY_POLICIES, entry=LIKELY_ENTRIES, directory=DIRECTORIES, as_of=st.floats(NOW - 10 * DAY, NOW + 1e9),
    later=st.floats(0, 1e9), later_still=st.floats(0, 1e9),
)  # fmt: skip
def test_what_goes_now_goes_later(
    *, policies: list[Policy], entry: Entry, directory: str, as_of: float, later: float, later_still: float
) -> None:
    guards = guardrails()
    assume(Judge(policies, guards, as_of=as_of, now=NOW).verdict(entry, directory).delete)
    assert Judge(policies, guards, as_of=as_of + later, now=NOW + later_still).verdict(entry, directory).delete


@quick
@given(
    policies=POLICIES, guards=GUARDRAILS, more=PATH_GLOBS, entry=ENTRIES, directory=DIRECTORIES, as_of=MOMENTS
)  # fmt: skip
def test_protection_only_ever_keeps(
    *, policies: list[Policy], guards: Guardrails, more: str, entry: Entry, directory: str, as_of: float
) -> None:
    plain = Judge(policies, guards, as_of=as_of, now=NOW).verdict(entry, directory)
    stricter = Judge(policies, guardrails(min_age="10d", protect=[*guards.protect, more]), as_of=as_of, now=NOW)
    assert plain.delete or not stricter.verdict(entry, directory).delete


@st.composite
def globbed_entries(draw: st.DrawFn) -> tuple[str, Entry, str]:
    """A path glob, an entry and its directory; of random ones few would match each other."""
    entry, directory = draw(LIKELY_ENTRIES), draw(DIRECTORIES)
    parts = [part for part in f"{directory}/{entry.name}".split("/") if part]
    globs = [draw(st.sampled_from([part, "*", "**"])) for part in parts]
    return draw(st.one_of(st.just("/" + "/".join(globs)), PATH_GLOBS)), entry, directory


@quick
@given(policies=POLICIES, guards=GUARDRAILS, globbed=globbed_entries())
def test_what_protect_matches_never_goes(
    policies: list[Policy], guards: Guardrails, globbed: tuple[str, Entry, str]
) -> None:
    protect, entry, directory = globbed
    everything = policy(older_than=None, **{"unsafe-select-everything": True})
    bare = Judge([policy(older_than=None, match={"path": protect})], guardrails(min_age="1h"), as_of=NOW, now=NOW)
    assume(bare.verdict(entry, directory).delete)
    guarded = guardrails(min_age="1h", protect=[*guards.protect, protect])
    decided = Judge([everything, *policies], guarded, as_of=NOW, now=NOW).verdict(entry, directory)
    assert decided.reason == "protected"


@quick
@given(
    policies=st.one_of(POLICIES, LIKELY_POLICIES),
    min_age=st.sampled_from(["2d", "10d"]),
    moments=st.one_of(st.tuples(MOMENTS, MOMENTS), st.tuples(*[st.floats(NOW - 15 * DAY, NOW + 15 * DAY)] * 2)),
    ago=st.integers(-2 * DAY, 25 * DAY),
)
def test_nothing_undercuts_the_floor(
    policies: list[Policy], min_age: str, moments: tuple[float, float], ago: int
) -> None:
    guards = guardrails(min_age=min_age)
    judge = Judge(policies, guards, as_of=moments[0], now=moments[1])
    old, young = replace(ENTRY, delete_time=format_service_time(NOW - ago)), NOW - ago + guards.min_age > min(moments)
    assert not (young and any(judge.verdict(replace(old, name=name), "/a").delete for name in ("a", "a.log", "b.tmp")))


@quick
@given(
    policies=POLICIES.filter(bool), guards=GUARDRAILS, narrowing=NARROWINGS,
    listing=st.lists(st.tuples(LIKELY_ENTRIES, DIRECTORIES), min_size=1, max_size=8),
)  # fmt: skip
def test_narrowing_never_adds(
    policies: list[Policy], guards: Guardrails, narrowing: Mapping[str, object],
    listing: list[tuple[Entry, str]],
) -> None:  # fmt: skip
    said = {"unsafe_select_everything": True}
    allowed = [
        each.model_copy(update={"older_than": max(each.older_than or 0, guards.min_age), **said}) for each in policies
    ]
    file = PolicyFile(version=1, guardrails=guards, policies=tuple(allowed))
    try:
        narrowed = narrow(file, json.loads(json.dumps(narrowing)), now=NOW)
    except NarrowingRefused:
        return
    whole = Judge(file.policies, guards, as_of=NOW, now=NOW)
    as_of = NOW if narrowed.as_of is None else narrowed.as_of
    part = Judge(narrowed.policies, narrowed.guardrails, as_of=as_of, now=NOW)
    for entry, directory in listing:
        assert whole.verdict(entry, directory).delete or not part.verdict(entry, directory).delete
        assert whole.may_select_below(directory) or not part.may_select_below(directory)


@quick
@given(
    policies=POLICIES, guards=GUARDRAILS, data=st.data(),
    listing=st.lists(st.tuples(ENTRIES, ODD_DIRECTORIES), max_size=8),
)  # fmt: skip
def test_verdicts_depend_on_neither_order_nor_pages_nor_what_was_asked_before(
    policies: list[Policy], guards: Guardrails, data: st.DataObject, listing: list[tuple[Entry, str]]
) -> None:
    def fresh() -> Judge:
        return Judge(policies, guards, as_of=NOW, now=NOW)

    alone = {index: fresh().verdict(*each) for index, each in enumerate(listing)}
    shared, order = fresh(), data.draw(st.permutations(range(len(listing))))
    together: dict[int, Verdict] = {}
    for index in order:
        shared.may_select_below(listing[order[0]][1])
        together[index] = shared.verdict(*listing[index])
    assert together == alone


@quick
@given(judge=JUDGES, wire=WIRE, directory=ODD_DIRECTORIES)
def test_no_entry_is_too_odd_for_a_verdict(judge: Judge, wire: Mapping[str, object], directory: str) -> None:
    entry = entry_from_wire(wire)
    decided = judge.verdict(entry, directory)
    judge.may_select_below(directory)
    if decided.delete:
        assert entry.file_id
        assert entry.type in {"File", "Directory"}
        assert entry.name


@quick
@given(judge=st.one_of(JUDGES, LIKELY_JUDGES), entry=st.one_of(ENTRIES, LIKELY_ENTRIES), directory=ODD_DIRECTORIES)
def test_an_explanation_says_what_the_verdict_says(judge: Judge, entry: Entry, directory: str) -> None:
    decided = judge.verdict(entry, directory)
    steps = judge.explain(entry, directory)
    assert steps[-1] == ("verdict", decided.delete, decided.reason)
    met = {step.rule: step.matched for step in steps if step.rule != "guardrails.protect"}
    protected = any(step.matched for step in steps if step.rule == "guardrails.protect")
    selecting = [
        step.rule
        for step in steps
        if step.rule.count(".") == 1 and step.rule[:9] == "policies." and step.matched is not False  # None: may select
    ]
    goes = met["DeleteTime"] and met["guardrails.min_age"] and met["entry"] and not protected and bool(selecting)
    assert goes == decided.delete
    assert not goes or selecting[0] == f"policies.{decided.policy}"


@quick
@given(judge=LIKELY_JUDGES, entry=LIKELY_ENTRIES, directory=DIRECTORIES)
def test_where_nothing_may_be_selected_nothing_is(judge: Judge, entry: Entry, directory: str) -> None:
    if judge.verdict(entry, directory).delete:
        parts = directory[1:].split("/") if directory != "/" else []
        assert all(judge.may_select_below("/" + "/".join(parts[:depth])) for depth in range(len(parts) + 1))


@quick
@given(policies=POLICIES, guards=GUARDRAILS, entry=ENTRIES, directory=ODD_DIRECTORIES)
def test_an_entry_goes_from_the_moment_that_is_said_and_not_before(
    policies: list[Policy], guards: Guardrails, entry: Entry, directory: str
) -> None:
    policies = [each for each in policies if not each.keep_bin_below]

    def goes(moment: float) -> bool:
        return Judge(policies, guards, as_of=moment, now=moment).verdict(entry, directory).delete

    moment = Judge(policies, guards, as_of=NOW, now=NOW).deletable_from(entry, directory)
    if moment is None:
        assert not goes(NOW + 1_000 * DAY) or entry.delete_time.startswith("9999")
    else:
        assert goes(moment)
        assert not goes(moment - 1)
