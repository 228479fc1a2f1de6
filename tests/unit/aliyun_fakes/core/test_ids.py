"""Ids: of the services' shape, and the same for the same seed."""

import re

import pytest

from aliyun_fakes.core.ids import Ids


def some(seed: int) -> list[str]:
    ids = Ids(seed)
    return [ids.request_id(), ids.hex(10), str(ids.number(0, 10**9)), ids.request_id()]


def test_the_same_seed_gives_the_same_ids_and_another_others() -> None:
    assert some(7) == some(7)
    assert not set(some(7)) & set(some(8))


def test_a_request_id_is_an_upper_case_uuid() -> None:
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", Ids(1).request_id())


def test_ids_do_not_repeat() -> None:
    ids = Ids(1)
    assert len({ids.request_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("digits", [1, 10, 24])
def test_hex_has_as_many_digits_as_asked_for(digits: int) -> None:
    ids = Ids(1)
    assert all(re.fullmatch(rf"[0-9a-f]{{{digits}}}", ids.hex(digits)) for _ in range(200))


def test_numbers_include_both_ends() -> None:
    ids = Ids(1)
    assert {ids.number(1, 3) for _ in range(200)} == {1, 2, 3}
