"""JSON in which no key is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.strict_json import parse_envelope, parse_json
from functions.retention.core.validation import empty_values
from tests.examples import examples

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner))


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "c": 2, "a": 3}}]', '{"\\u0061": 1, "a": 2}'])
def test_a_key_given_twice_is_refused_by_name_at_any_depth(text: str) -> None:
    with pytest.raises(ValueError, match="the key 'a' is given twice: write it once"):
        parse_json(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_numbers_that_json_does_not_have_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number of JSON"):
        parse_json(text)


@examples(60)
@given(value=JSON)
def test_all_other_json_is_read_as_always(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '[{"b": {"a": 1, "c": [{}], "a": null}}]'])
def test_what_is_read_later_is_written_out_again_with_every_pair(text: str) -> None:
    assert json.dumps(parse_envelope(text)) == text


def test_every_empty_place_is_named() -> None:
    wire = {"a": None, "b": {"c": [], "d": ["x", " "]}, "e": 0, "f": False, "g": "x", "h": {}}
    found = {problem.where: problem.what for problem in empty_values(wire)}
    assert found.keys() == {("a",), ("b", "c"), ("b", "d", 1), ("h",)}
    assert found["a",].startswith("has no value")
    assert found["h",].startswith("is empty")


def test_depth_does_not_matter() -> None:
    deep: object = []
    for _ in range(5_000):
        deep = [deep]
    (problem,) = empty_values({"a": deep})
    assert len(problem.where) == 5_001
