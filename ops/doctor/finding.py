"""What the doctor finds. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Level = Literal["wrong", "notice"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        level: ``wrong`` has to be mended; a ``notice`` is for knowing.
        check: which check found it.
        what: the fact.
        remedy: what to do about it.
        subject: what it is about, where many can have the same finding: a file system.
    """

    level: Level
    check: str
    what: str
    remedy: str
    subject: str = ""


SHOWN = 3
"""Subjects that are named; the rest are counted."""


def together(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, with those that differ only in their subject as one; what is wrong comes first."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for each in findings:
        what = each.what.replace(each.subject, "it") if each.subject else each.what
        alike.setdefault((each.level, each.check, what, each.remedy), []).append(each)
    merged = [_merged(some) for some in alike.values()]
    return sorted(merged, key=lambda each: each.level != "wrong")


def _merged(some: list[Finding]) -> Finding:
    first = some[0]
    if len(some) == 1 or not first.subject:
        return first
    names = ", ".join(each.subject for each in some[:SHOWN])
    more = f" and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
    return replace(first, what=f"{len(some)} file systems ({names}{more}): {first.what}", subject="")
