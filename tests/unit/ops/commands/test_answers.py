"""An answer of any shape becomes tables that a person can read."""

from ops.commands.answers import tables


def test_an_answer_becomes_a_table_for_each_object_in_it() -> None:
    answer = {
        "ok": True,
        "bin": {"bytes": 3},
        "runs": [{"run": "a"}, {"run": "b", "mode": "enforce"}],
        "kept": {"protected": {"entries": 1}, "too-young": {"entries": 2}},
        "none": [],
    }
    assert list(tables("Answer", answer)) == [
        ("Answer", ("", ""), [["ok", True], ["none", []]]),
        ("Answer: bin", ("", ""), [["bytes", 3]]),
        ("Answer: runs", ["run", "mode"], [["a", None], ["b", "enforce"]]),
        ("Answer: kept", ["", "entries"], [["protected", 1], ["too-young", 2]]),
    ]


def test_objects_within_rows_have_tables_of_their_own() -> None:
    bins = {"1ca404a5e2": {"held": False, "bin": {"bytes": 3}, "ended": [{"run": "a"}]}, "1ca404a5e3": {"held": True}}
    assert list(tables("Answer", {"file_systems": bins})) == [
        ("Answer: file_systems", ["", "held"], [["1ca404a5e2", False], ["1ca404a5e3", True]]),
        ("Answer: file_systems: 1ca404a5e2: bin", ("", ""), [["bytes", 3]]),
        ("Answer: file_systems: 1ca404a5e2: ended", ["run"], [["a"]]),
    ]


def test_an_object_of_many_values_is_a_table_of_its_own() -> None:
    entry = {f"value {n}": n for n in range(9)}
    titles = [title for title, *_ in tables("Answer", {"entries": [{**entry, "rules": [{"rule": "r"}]}, entry]})]
    assert titles == ["Answer: entries: 1", "Answer: entries: 1: rules", "Answer: entries: 2"]
