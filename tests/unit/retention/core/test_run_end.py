"""Why a run ends: the same text in code, records and messages on every version of Python."""

import json

import pytest

from functions.retention.core.run_end import EndReason, RunEnd, RunOver, end_if


@pytest.mark.parametrize("reason", list(EndReason))
def test_a_reason_is_its_value_as_text_and_as_json(reason: EndReason) -> None:
    assert f"{reason}" == str(reason) == reason.value == json.loads(json.dumps(reason))
    assert reason.meaning


def test_an_end_is_raised_with_its_reason_and_detail() -> None:
    end = RunEnd(EndReason.HELD, "it carries the tag a=b")
    with pytest.raises(RunOver, match="held: it carries the tag a=b") as over:
        end_if(end)
    assert over.value.end == end


def test_without_an_end_nothing_is_raised() -> None:
    end_if(None)
