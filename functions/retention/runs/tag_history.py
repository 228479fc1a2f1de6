"""Whether a file system's tags have been as they are for long enough: who may tag must not be able to arm.

Every slice records the tags that matter, under the functions' seal: who can write the log cannot write a past. A run
deletes only if at no look within `Guardrails.tags_unchanged_for`, nor at the last one before, less could be deleted
than now. A tag that comes and goes between two looks is not seen.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from functions.retention.audit import RunLedger
from functions.retention.core import (
    EndReason,
    Record,
    RunEnd,
    Seal,
    Unsealed,
    format_service_time,
)
from functions.retention.policy import PolicyFile, effect_of, relevant_tags

_KIND = "tags"


class Look(NamedTuple):
    """The tags that mattered at one look.

    Attributes:
        at: when, epoch seconds.
        tags: by key, without those that the file system did not carry.
    """

    at: float
    tags: Mapping[str, str]


def sealed_look(seal: Seal, file: PolicyFile, file_system: str, tags: Mapping[str, str], at: float) -> str:
    """The field ``tags`` of a record."""
    look = {"kind": _KIND, "file_system": file_system, "at": at, "tags": relevant_tags(file, tags)}
    return seal.seal(json.dumps(look, sort_keys=True))


def looks_in(records: Iterable[Record], seal: Seal, file_system: str) -> Iterator[Look]:
    """The looks at a file system that the functions wrote; a record with another seal or none is passed over."""
    for record in records:
        try:
            wire = json.loads(seal.open(record.get("tags", "")))
        except Unsealed:
            continue
        if wire.get("kind") == _KIND and wire["file_system"] == file_system:
            yield Look(float(wire["at"]), {key: value for key, value in wire["tags"].items() if value is not None})


def must_only_survey(
    ledger: RunLedger, seal: Seal, file: PolicyFile, file_system: str, *, tags: Mapping[str, str], now: float
) -> RunEnd | None:
    """The end of a run after its survey, because of tags that were changed lately; None when it may go on.

    Args:
        ledger: finds the looks.
        seal: of the functions.
        file: the deployed policies.
        file_system: file system id.
        tags: of the file system.
        now: epoch seconds.
    """
    wait = file.guardrails.tags_unchanged_for
    if not wait:
        return None
    looks: list[Look] = []
    for records in ledger.looks_at_tags(now, wait):
        if records is None:
            what = "the audit log does not say what tags the file system had before"
            return RunEnd(EndReason.POLICIES_DIFFER, what)
        looks += looks_in(records, seal, file_system)
        if any(look.at <= now - wait for look in looks):
            break
    return _loosened(looks, file, file_system, tags, now)


def _loosened(
    looks: Iterable[Look], file: PolicyFile, file_system: str, tags: Mapping[str, str], now: float
) -> RunEnd | None:
    """A file system that nobody looked at before is compared with itself without tags."""
    wait, effect = file.guardrails.tags_unchanged_for, effect_of(file, file_system, tags)
    ordered = sorted(looks, key=lambda look: look.at)
    before = [look for look in ordered if look.at <= now - wait][-1:] or [Look(now - wait, {})]
    for look in reversed([*before, *(each for each in ordered if each.at > now - wait)]):
        if looser := effect.looser_than(effect_of(file, file_system, look.tags)):
            what = f"by its tags, {looser}, which was not so at {format_service_time(look.at)}"
            then = f"runs only survey until the tags are the same for {wait // 3_600} h"
            return RunEnd(EndReason.POLICIES_DIFFER, f"{what}; {then}; to delete now, purge a plan by its id")
    return None
