"""Finds the globs that met nothing in the last surveys, as their records tell."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from functions.retention.core import Record
from functions.retention.policy.glob_watch import label_of
from functions.retention.policy.linter import Finding
from functions.retention.policy.model import PolicyFile
from functions.retention.policy.protection import rules_of


def unmet_globs(file: PolicyFile, surveys: Iterable[Record]) -> list[Finding]:
    """The globs of ``protect``, ``path`` and ``name`` that met nothing, and those whose brackets stand in a name.

    Args:
        file: the policy file.
        surveys: the ``surveyed`` records of the last days. Those under another digest or a narrowing are left out, and
            those of an empty bin.
    """
    alike = (each for each in surveys if each.get("digest") == file.digest and not each.get("narrowing"))
    records = [each for each in alike if each.get("listed", "0") != "0"]
    return [*_of_protect(file, records), *_of_policies(file, records)]


def _of_protect(file: PolicyFile, records: Sequence[Record]) -> Iterator[Finding]:
    protecting = {each: set(rules_of(file.guardrails.protect, each)) for each in file.guardrails.file_systems}
    for rule in dict.fromkeys(rules_of(file.guardrails.protect)):
        watching = [each for each in records if rule in protecting.get(each.get("file_system", ""), ())]
        yield from _findings(None, "guardrails.protect", rule.text, watching)


def _of_policies(file: PolicyFile, records: Sequence[Record]) -> Iterator[Finding]:
    for policy in file.policies:
        watching = [each for each in records if policy.name in each.get("policies", "").split(", ")]
        for key, globs in (("path", policy.match.path), ("name", policy.match.name)):
            for glob in globs:
                where = f"policies.{policy.name}.match.{key}"
                yield from _findings(policy.name, where, label_of(policy.name, key, glob), watching)


def _findings(policy: str | None, where: str, label: str, watching: Sequence[Record]) -> Iterator[Finding]:
    glob = label.removeprefix(f"{where}: ")
    found = [_globs_of(each) for each in watching]
    if found and all(label in each.get("nothing", ()) for each in found):
        why = f"{glob} met nothing in the last surveys: look whether it is spelled as the paths in the bin are"
        yield Finding(policy, "met-nothing", where, why)
    instead = next((each["names"][label] for each in found if label in each.get("names", ())), None)
    if instead is not None:
        why = f"{glob}: a name with these brackets is in the bin, and the glob does not mean it: write {instead}"
        yield Finding(policy, "spelling", where, why)


def _globs_of(record: Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(record.get("globs", "{}"))
    return found
