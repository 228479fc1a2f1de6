"""What a complete survey found, as a plan that can be named, written down and carried out.

A plan is a promise: `Plan.id` covers the policies' digest, the file system, the moment, the narrowing, the totals
and the set of targets. A purge under it takes nothing but targets of that set.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from functions.retention.audit import as_json
from functions.retention.core import BinAttributes, format_service_time
from functions.retention.policy import Limits
from functions.retention.runs.message import RunMessage
from functions.retention.walk import BinSize, Reclaimed, Tally

_PROMISED = (
    *("digest", "file_system", "as_of", "narrowing"),
    *("selected", "bytes", "unknown_sizes", "jobs", "set", "tag_effect"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One survey's result.

    Attributes:
        message: the run's position at the end of its survey.
        limits: in force.
        attributes: of the bin, as read when the survey ended.
        targets: how many targets are in its set.
        capacity: what each capacity rule takes, by policy.
    """

    message: RunMessage
    limits: Limits
    attributes: BinAttributes
    targets: int
    capacity: Mapping[str, Reclaimed]

    @property
    def beyond_set(self) -> int | None:
        """How many targets the set has no room for, though nothing limits the run; None when it has room for all."""
        left = self.message.planned_jobs - self.targets
        return left if left > 0 and "up_to" not in self.message.narrowing else None

    @property
    def id(self) -> str:
        """The plan's name: 32 hex digits."""
        return plan_id(self._fields())

    @property
    def listed(self) -> int:
        """Entries that were judged."""
        return self.message.tally.selected + self.message.tally.kept.total()

    @property
    def bin_size(self) -> BinSize:
        """The size of the bin."""
        return bin_size_of(self.message.tally, self.attributes)

    @property
    def share(self) -> float | None:
        """Part of the bytes in the bin that goes, 0 to 1; None when it is not known."""
        return self.bin_size.share(self.message.tally.size, self.message.tally.unknown)

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each limit that keeps it from being carried out; with ``up_to`` the run keeps to them."""
        if "up_to" in self.message.narrowing:
            return ()
        tally, jobs = self.message.tally, self.message.planned_jobs
        return self.limits.broken_by(jobs=jobs, size=tally.size, unknown=tally.unknown, share=self.share)

    def record(self) -> dict[str, object]:
        """The fields of its ``surveyed`` record."""
        return {**self._fields(), "plan_id": self.id}

    def _fields(self) -> dict[str, object]:
        message, tally = self.message, self.message.tally
        return {
            "run": message.run,
            "mode": message.mode,
            "digest": message.digest,
            "file_system": message.file_system,
            "tag_effect": message.tag_effect,
            "as_of": format_service_time(message.as_of),
            "narrowing": as_json(message.narrowing),
            "set": "" if message.selection is None else as_json(asdict(message.selection)),
            "listed": self.listed,
            "selected": tally.selected,
            "kept": as_json(tally.kept),
            "jobs": message.planned_jobs,
            "bytes": tally.size,
            "unknown_sizes": tally.unknown,
            "bin_bytes": self.bin_size.bytes,
            "by_policy": as_json(tally.by_policy),
            "capacity": as_json({policy: taken.wire() for policy, taken in self.capacity.items()}),
            "beyond_set": self.beyond_set,
            "list_calls": message.progress.list_calls,
            "detail": "; ".join(self.broken),
        }


def bin_size_of(tally: Tally, attributes: BinAttributes) -> BinSize:
    """The size of a bin by what the service told and what a survey counted."""
    return BinSize(attributes, tally.listed_size, tally.listed_unknown)


def plan_id(record: Mapping[str, object]) -> str:
    """The name of a plan by the fields of its record, or of the record as the log has it."""
    parts = [str(record.get(name, "")) for name in _PROMISED]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
