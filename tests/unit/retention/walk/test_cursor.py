"""Cursors fit a message, and never point behind what is left."""

import json

from pydantic import TypeAdapter

from functions.retention.walk.cursor import Candidate, Cursor, Key, Step
from functions.retention.walk.survey import Survey
from tests.unit.retention.bins import OLD, TreeBin, judge

ADAPTER = TypeAdapter(Cursor)


def test_a_short_cursor_stays_as_it_is() -> None:
    cursor = Cursor(
        (Step(""), Step("abc", (Candidate("12", 1, 2, 3),))), reading=Key(live=False, file_id="12"), token="t"
    )
    assert cursor.shortened() == cursor
    assert ADAPTER.validate_json(ADAPTER.dump_json(cursor)) == cursor


def test_a_deep_cursor_is_cut_where_its_last_place_is_walked_anew() -> None:
    steps = tuple(Step(f"{depth:08}", (Candidate(str(depth), 9, 9, 9),)) for depth in range(500))
    short = Cursor(steps, listed=True, done="zzz").shortened()
    kept = len(short.chain)
    assert short.chain[:-1] == steps[: kept - 1]
    assert short.chain[-1] == Step(steps[kept - 1].open_path, (Candidate(steps[kept - 1].candidates[0].file_id),))
    assert (short.listed, short.done, short.token) == (False, "", "")
    assert len(json.dumps(short.chain)) < 2_000


def test_a_long_token_is_left_out_and_with_it_what_the_pages_before_gave() -> None:
    candidates = (Candidate("1", 4, 4, 4), Candidate("2", 5, 5, 5))
    cursor = Cursor(
        (Step("", candidates),), reading=Key(live=False, file_id="2"), token="t" * 301, saw_directories=True
    )
    short = cursor.shortened()
    assert (short.token, short.saw_directories) == ("", False)
    assert short.chain[0].candidates == (candidates[0], Candidate("2"))


def test_any_cursor_of_a_very_deep_walk_fits_and_leads_to_its_end() -> None:
    tree = TreeBin()
    tree.write("/x" * 300, 1)
    tree.remove("/x", OLD)
    survey = Survey(tree, tree.recents(), judge())
    longest = 0
    for _ in range(40):
        survey.step()
        longest = max(longest, len(ADAPTER.dump_json(survey.cursor().shortened())))
    assert longest < 2_300
    tally = survey.tally
    survey = Survey(tree, tree.recents(), judge(), cursor=survey.cursor().shortened(), sees_inside=True, tally=tally)
    while not survey.finished:
        survey.step()
    assert survey.jobs >= 1
    assert survey.tally.selected >= 300
