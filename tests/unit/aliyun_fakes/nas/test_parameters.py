"""Parameters as they are read, and the switches about them."""

import pytest

from aliyun_fakes.core.parameters import Number
from aliyun_fakes.nas import NasModel, NasSettings
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.parameters import MAX_RESULTS, PAGE_NUMBER, PAGE_SIZE, RESERVED_DAYS, Parameters
from aliyun_fakes.nas.responses_meta import tag_resources

RANGES = [(RESERVED_DAYS, 1, 180, 3), (MAX_RESULTS, 10, 1000, 100), (PAGE_SIZE, 1, 100, 10), (PAGE_NUMBER, 1, None, 1)]


@pytest.mark.parametrize(("number", "low", "high", "default"), RANGES)
def test_numbers_have_their_ranges_and_defaults(number: Number, low: int, high: int | None, default: int) -> None:
    def read(value: object) -> int:
        return Parameters({number.name: str(value)}).number(number)

    assert read(low) == low
    assert Parameters({}).number(number) == read("") == default
    for wrong in (low - 1, "abc", "1.5", "1e2", "٣", " 10"):
        with pytest.raises(NasError, match=f"Invalid{number.name}"):
            read(wrong)
    if high is not None:
        assert read(high) == high
        with pytest.raises(NasError, match=f"Invalid{number.name}"):
            read(high + 1)


@pytest.mark.parametrize(("value", "read"), [("0", 10), ("-5", 10), ("5000", 1000), ("50", 50)])
def test_numbers_can_be_moved_into_their_range_instead(value: str, read: int) -> None:
    assert Parameters({"MaxResults": value}, clamps=True).number(MAX_RESULTS) == read


def test_no_number_at_all_is_refused_even_then() -> None:
    with pytest.raises(NasError, match="InvalidMaxResults"):
        Parameters({"MaxResults": "many"}, clamps=True).number(MAX_RESULTS)


def test_lists_come_in_the_order_of_their_numbers() -> None:
    given = {"ResourceId.10": "j", "ResourceId.2": "b", "ResourceId.1": "a", "ResourceIds.1": "x", "ResourceId.x": "y"}
    assert Parameters(given).texts("ResourceId") == ["a", "b", "j"]


def test_pairs_lack_nothing_but_are_empty() -> None:
    given = {"Tag.2.Key": "b", "Tag.2.Value": "2", "Tag.1.Key": "a", "Tag.3.Value": "3"}
    assert Parameters(given).pairs("Tag") == [("a", ""), ("b", "2"), ("", "3")]


@pytest.mark.parametrize("value", ["a\x00", "a\nb", "<x>", 'say "x"', "it's", "back\\slash", "tick`"])
def test_illegal_characters_are_refused(value: str) -> None:
    with pytest.raises(NasError, match="IllegalCharacters"):
        Parameters({"FileId": value}).refuse_illegal()


@pytest.mark.parametrize("value", ["04***08", "1ca404****", "rb-10****491ff-r-162", "MTIzfDQ1Ng==", "größe"])
def test_characters_of_the_samples_are_legal(value: str) -> None:
    Parameters({"FileId": value}).refuse_illegal()


def test_a_tag_may_have_no_value_if_the_switch_says_so(model: NasModel) -> None:
    file_system = model.create_file_system()
    given = {"ResourceType": "filesystem", "ResourceId.1": file_system.file_system_id, "Tag.1.Key": "k"}
    with pytest.raises(NasError, match="KeyValueNotNull"):
        tag_resources(model, Parameters(given))
    model.settings = NasSettings(empty_tag_value="allowed")
    tag_resources(model, Parameters(given))
    assert file_system.tags == {"k": ""}


@pytest.mark.parametrize("text", ["aliyun-x", "acs:x", "see https://x", "x" * 129])
def test_tags_that_the_service_keeps_for_itself_are_refused(model: NasModel, text: str) -> None:
    file_system = model.create_file_system()
    given = {"ResourceType": "filesystem", "ResourceId.1": file_system.file_system_id}
    for tag, code in (
        ({"Tag.1.Key": text, "Tag.1.Value": "v"}, "TagKey"),
        ({"Tag.1.Key": "k", "Tag.1.Value": text}, "TagValue"),
    ):
        with pytest.raises(NasError, match=rf"InvalidParameter\.{code}"):
            tag_resources(model, Parameters(given | tag))
    assert file_system.tags == {}
