"""The seal: what it carries, what it refuses, and that it shows neither key nor message."""

import base64
import copy
import json
import pickle
import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.retention.core.seal import OVERHEAD, Seal, SealKey, Unsealed, is_sealed, parse_seal_key

SECRET = random.Random(1).randbytes(32)
KEY = SealKey(SECRET)
BODY = '{"version":2,"run":"d47c","path":"/scratch/ü\\n"}'
bodies = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def seal(key: SealKey = KEY, region: str = "cn-hangzhou", account_id: str = "1234", queue: str = "work") -> Seal:
    return Seal(key, region=region, account_id=account_id, queue=queue)


def reason(opener: Seal, text: str) -> str:
    with pytest.raises(Unsealed) as caught:
        opener.open(text)
    return caught.value.reason


@given(bodies)
def test_a_sealed_body_opens_to_itself_at_a_known_overhead(body: str) -> None:
    text = seal().seal(body)
    assert is_sealed(text)
    assert seal().open(text) == body
    assert len(text.encode()) == len(body.encode()) + OVERHEAD
    assert OVERHEAD <= 100


@given(st.text(st.characters()).filter(lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text)))
def test_a_body_that_no_encoding_takes_stays_the_same_json(name: str) -> None:
    body = json.dumps({"name": name}, ensure_ascii=False)
    text = seal().seal(body)
    assert text.encode().decode() == text
    assert json.loads(seal().open(text)) == {"name": name}


@given(bodies, st.data())
def test_a_body_with_any_character_changed_does_not_open(body: str, data: st.DataObject) -> None:
    text = seal().seal(body)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]))
    assume(other != text[at])
    assert reason(seal(), text[:at] + other + text[at + 1 :]) in {"missing", "malformed", "mismatch"}


@given(bodies, st.integers(1, 60))
def test_a_cut_message_does_not_open(body: str, missing: int) -> None:
    assert reason(seal(), seal().seal(body)[:-missing])


@given(st.tuples(names, names, names, bodies), st.tuples(names, names, names, bodies))
def test_no_two_places_and_bodies_share_a_seal(one: tuple[str, ...], two: tuple[str, ...]) -> None:
    def tag(fields: tuple[str, ...]) -> str:
        return seal(KEY, *fields[:3]).seal(fields[3])[:OVERHEAD]

    assert (tag(one) == tag(two)) == (one == two)


@given(names, names, names, bodies, st.integers(1, 20))
def test_a_character_moved_from_one_field_to_the_next_changes_the_seal(
    region: str, account_id: str, queue: str, body: str, moved: int
) -> None:
    assume(queue)
    text = seal(KEY, region, account_id, queue).seal(body)
    rest, tail = queue[:-moved], queue[-moved:]
    assert reason(seal(KEY, region, account_id, rest), text[:OVERHEAD] + tail + body) == "mismatch"


@pytest.mark.parametrize(
    "opener",
    [
        seal(SealKey(random.Random(2).randbytes(32))),
        seal(region="cn-shanghai"),
        seal(account_id="1235"),
        seal(queue="dead"),
    ],
    ids=["key", "region", "account", "queue"],
)
def test_a_message_of_another_deployment_does_not_open(opener: Seal) -> None:
    assert reason(opener, seal().seal(BODY)) == "mismatch"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        (BODY, "missing"),
        (" " + seal().seal(BODY), "missing"),
        ("sealed2." + seal().seal(BODY)[8:], "missing"),
        ("sealed1.", "malformed"),
        ("sealed1.abc." + BODY, "malformed"),
        (seal().seal("")[:-1], "malformed"),
        ("sealed1." + "é" * 43 + "." + BODY, "malformed"),
        (seal().seal(BODY) + "\n", "mismatch"),
        (seal().seal(BODY) + "\ud800", "mismatch"),
    ],
)
def test_a_text_that_is_not_sealed_is_refused_with_its_reason(text: str, why: str) -> None:
    assert reason(seal(), text) == why


def test_one_tag_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = seal().seal(BODY)
    last = OVERHEAD - 2
    opened = [char for char in alphabet if _opens(text[:last] + char + text[last + 1 :])]
    assert opened == [text[last]]


def _opens(text: str) -> bool:
    try:
        seal().open(text)
    except Unsealed:
        return False
    return True


@given(st.binary(max_size=8), st.text("xyzQ0189", min_size=12))
def test_a_refusal_quotes_nothing_of_the_message(noise: bytes, marker: str) -> None:
    for text in (marker, f"sealed1.{marker}", seal().seal(marker) + noise.hex() + "-"):
        with pytest.raises(Unsealed) as caught:
            seal().open(text)
        assert marker not in str(caught.value)


def test_a_known_message_has_a_known_seal() -> None:
    known = Seal(SealKey(bytes(range(32))), region="cn-hangzhou", account_id="1234567890123456", queue="work")
    assert known.seal("{}") == "sealed1.Nzhy_MYGGwuL_DPwaOXFJvHwSO4mIoMtfXJ_8d6UpDw.{}"


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_key_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes; takes 32"):
        SealKey(SECRET[:length])


@pytest.mark.parametrize("secret", [bytes(32), b"ab" * 32, bytes(range(15)) * 4])
def test_a_key_that_cannot_be_random_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="not random"):
        SealKey(secret)


@given(st.integers(0, 2**32), st.integers(32, 70))
def test_a_key_reads_alike_in_every_spelling(seed: int, length: int) -> None:
    secret = random.Random(seed).randbytes(length)
    padded = base64.b64encode(secret).decode()
    urlsafe = base64.urlsafe_b64encode(secret).decode()
    for text in (secret.hex(), secret.hex().upper(), padded, padded.rstrip("="), urlsafe, urlsafe.rstrip("=")):
        assert parse_seal_key(text) == SealKey(secret)


@pytest.mark.parametrize("text", ["", "not a key!", SECRET.hex()[:-2], SECRET.hex() + "\n", "A" * 45, "=", "ü" * 64])
def test_what_is_no_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match="key ") as caught:
        parse_seal_key(text)
    assert not text or text not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_key_does_not_show_and_does_not_travel() -> None:
    shown = f"{KEY!r} {KEY} {[KEY]} {seal()!r} {KEY.fingerprint()}"
    assert SECRET.hex() not in shown
    assert repr(SECRET) not in shown
    for travel in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            travel(KEY)


def test_fingerprints_are_equal_exactly_for_equal_keys() -> None:
    assert KEY.fingerprint() == SealKey(SECRET).fingerprint()
    assert KEY.fingerprint() != SealKey(SECRET + b"0").fingerprint()
    assert KEY != SECRET
    assert len({KEY, SealKey(SECRET)}) == 1
