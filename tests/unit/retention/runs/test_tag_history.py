"""Whether tags have been as they are for long enough, by what the functions wrote down."""

from collections.abc import Iterator

import pytest

from functions.retention.audit.queries import RunLedger
from functions.retention.core.errors import NoAnswer
from functions.retention.core.seal import Seal, SealKey
from functions.retention.core.services import Record, Terms, matches
from functions.retention.policy.fields import PROTECT_TAG
from functions.retention.policy.model import PolicyFile
from functions.retention.runs.tag_history import looks_in, must_only_survey, sealed_look
from tests.unit.retention.policies import DAY, ID, NOW, policy, policy_file

SEAL = Seal(SealKey(bytes(range(32))), region="r", account_id="1", queue="q")
OTHER = Seal(SealKey(bytes(range(1, 33))), region="r", account_id="1", queue="q")
SCRATCH = policy(name="scratch", mode="enforce", file_systems={"tags": {"tier": "scratch"}})
FILE = policy_file(SCRATCH)
BY_ID = policy_file(policy(mode="enforce"))
HOUR = 3_600.0
TAGGED = {"tier": "scratch"}


class Log:
    """A log that answers at once, and not at all when it holds None."""

    def __init__(self, *looks: tuple[float, dict[str, str]] | Record | None, file: PolicyFile = FILE) -> None:
        self._silent = None in looks
        self._records = list(self._made(looks, file))

    def _made(self, looks: tuple[object, ...], file: PolicyFile) -> Iterator[tuple[float, Record]]:
        for look in looks:
            if isinstance(look, tuple):
                ago, tags = look
                text = sealed_look(SEAL, file, ID, tags, NOW - ago)
                yield NOW - ago, {"event": "started", "file_system": ID, "slice_number": "0", "tags": text}
            elif isinstance(look, dict):
                yield NOW - HOUR, look

    def put(self, records: object) -> None:
        raise NotImplementedError

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        if self._silent:
            raise NoAnswer("GetLogs", "Unknown", "no")
        return [each for at, each in self._records if at >= since and matches(each, terms)][:limit]


def survey_only(log: Log, tags: dict[str, str], file: PolicyFile = FILE) -> bool:
    ledger = RunLedger(log, "r", ID, NOW)
    end = must_only_survey(ledger, SEAL, file, ID, tags=tags, now=NOW)
    return end is not None and end.reason == "policies-differ"


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], True),
        ([(23 * HOUR, TAGGED)], True),
        ([(25 * HOUR, TAGGED)], False),
        ([(25 * HOUR, TAGGED), (2 * HOUR, {})], True),
        ([(25 * HOUR, {}), (23 * HOUR, TAGGED)], True),
        ([(25 * HOUR, TAGGED), (1 * HOUR, {"tier": "gold"})], True),
        ([(25 * HOUR, TAGGED), (1 * HOUR, {"tier": "scratch", "backup": "now"})], False),
        ([(40 * DAY, TAGGED)], False),
        ([(40 * DAY, {}), (39 * DAY, TAGGED)], False),
        ([(400 * DAY, TAGGED)], True),
        ([None], True),
    ],
)
def test_a_policy_by_tag_deletes_after_a_day_of_the_same_tags(looks: list[object], *, expected: bool) -> None:
    assert survey_only(Log(*looks), TAGGED) == expected  # type: ignore[arg-type]  # parametrised


def test_a_file_system_that_is_named_and_new_is_not_held_up() -> None:
    assert not survey_only(Log(file=BY_ID), {}, BY_ID)
    assert not survey_only(Log(file=BY_ID), {PROTECT_TAG: "/legal/**"}, BY_ID)


@pytest.mark.parametrize("ago", [HOUR, 20 * HOUR, 30 * HOUR, 30 * DAY, 300 * DAY])
def test_a_protected_path_that_is_gone_is_missed_however_old_the_last_look_is(ago: float) -> None:
    assert survey_only(Log((ago, {PROTECT_TAG: "/legal/**"}), file=BY_ID), {}, BY_ID)


def test_more_protection_takes_effect_at_once() -> None:
    log = Log((HOUR, {PROTECT_TAG: "/legal/**"}), file=BY_ID)
    assert not survey_only(log, {PROTECT_TAG: "/legal/**:/cases/**"}, BY_ID)


def test_a_policy_file_that_selects_by_another_tag_waits_a_day_for_it() -> None:
    assert survey_only(Log((30 * HOUR, TAGGED), file=BY_ID), TAGGED)


def test_a_log_that_is_silent_holds_up_a_file_system_that_is_named_too() -> None:
    assert survey_only(Log(None), {}, BY_ID)


def test_zero_asks_nobody() -> None:
    file = policy_file(SCRATCH, tags_unchanged_for=0)
    assert not survey_only(Log(None), TAGGED, file)


def test_a_dry_run_policy_that_comes_by_tag_loosens_nothing() -> None:
    dry = policy(name="dry", file_systems={"tags": {"tier": "scratch"}})
    assert not survey_only(Log(), TAGGED, policy_file(dry))


def forged(**changed: str) -> Record:
    text = sealed_look(SEAL, FILE, ID, TAGGED, NOW - 30 * HOUR)
    return {"event": "started", "file_system": ID, "slice_number": "0", "tags": text} | changed


@pytest.mark.parametrize(
    "tags",
    [
        "",
        "{}",
        forged()["tags"].replace(ID, "2cb515b6f3"),
        forged()["tags"].partition(".{")[2],
        sealed_look(OTHER, FILE, ID, TAGGED, NOW - 30 * HOUR),
        sealed_look(SEAL, FILE, "2cb515b6f3", TAGGED, NOW - 30 * HOUR),
        SEAL.seal('{"file_system": "1ca404a5e2", "run": "r", "sent_at": 1}'),
    ],
)
def test_a_look_without_a_seal_of_ours_for_this_file_system_does_not_count(tags: str) -> None:
    assert survey_only(Log(forged()), TAGGED) is False
    assert survey_only(Log(forged(tags=tags)), TAGGED)
    assert list(looks_in([forged(tags=tags)], SEAL, ID)) == []
