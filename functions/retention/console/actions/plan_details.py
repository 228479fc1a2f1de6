"""Details of a survey for a person: top directories, example files, protected entries."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.retention.core import Entry
from functions.retention.policy import Verdict
from functions.retention.walk import join

MOST_DIRECTORIES = 2_000
"""Top directories counted separately; further ones are counted together."""

SHOWN_DIRECTORIES = 20

SHOWN_FILES = 5

OTHERS = "(others)"


class Example(NamedTuple):
    """A file that would be deleted.

    Attributes:
        path: its path.
        size: bytes.
        delete_time: when it was deleted.
        policy: the policy that selects it.
    """

    path: str
    size: int | None
    delete_time: str
    policy: str


@dataclass(slots=True)
class Notes:
    """What a survey met; a `SurveyObserver`. Its memory does not grow with the bin.

    Only files are noted; a directory's contents are among them. A file that is listed again after a stale page token
    counts twice, so totals are taken from the survey.

    Attributes:
        by_top_directory: [files, bytes, files of unknown size] to delete, by the first component of their path.
        protected: entries met that a rule of the guardrails protects, by rule.
        left_out: directories not listed because such a rule protects them, by rule.
        oldest: files to delete with the earliest deletion times.
        largest: the largest files to delete.
    """

    by_top_directory: dict[str, list[int]] = field(default_factory=dict)
    protected: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    oldest: list[Example] = field(default_factory=list)
    largest: list[Example] = field(default_factory=list)

    def see_page(self, directory: str, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:
        """See `SurveyObserver`."""
        for entry, verdict in zip(entries, verdicts, strict=True):
            if verdict.reason == "protected":
                self.protected[verdict.rule or ""] += 1
            elif verdict.delete and not entry.is_directory:
                self.add(entry, directory, verdict)

    def see_left_out(self, directory: str, verdict: Verdict | None) -> None:  # noqa: ARG002 - the protocol's signature
        """See `SurveyObserver`."""
        if verdict is not None and verdict.rule is not None:
            self.left_out[verdict.rule] += 1

    def add(self, entry: Entry, directory: str, verdict: Verdict) -> None:
        """Note a file to delete."""
        top = "/" if directory == "/" else "/" + directory.split("/", 2)[1]
        counts = self.by_top_directory
        if top not in counts and len(counts) >= MOST_DIRECTORIES:
            top = OTHERS
        files_and_bytes = counts.setdefault(top, [0, 0, 0])
        files_and_bytes[0] += 1
        files_and_bytes[1] += entry.size or 0
        files_and_bytes[2] += entry.size is None
        if len(self.oldest) < SHOWN_FILES or entry.delete_time < self.oldest[-1].delete_time:
            _keep(self.oldest, _example(entry, directory, verdict), _by_age)
        if len(self.largest) < SHOWN_FILES or (entry.size or 0) > (self.largest[-1].size or 0):
            _keep(self.largest, _example(entry, directory, verdict), _by_size)


def _keep(examples: list[Example], example: Example, key: Callable[[Example], tuple[int | str, str]]) -> None:
    """Insert an example in order, unless it is there already."""
    if example not in examples:
        examples.append(example)
        examples.sort(key=key)
        del examples[SHOWN_FILES:]


def _example(entry: Entry, directory: str, verdict: Verdict) -> Example:
    return Example(join(directory, entry.name), entry.size, entry.delete_time, verdict.policy or "")


def _by_age(example: Example) -> tuple[str, str]:
    return example.delete_time, example.path


def _by_size(example: Example) -> tuple[int, str]:
    return -(example.size or 0), example.path
