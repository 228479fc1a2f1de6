"""What a complete survey found, as a plan that can be named, written down and carried out.

A plan is a promise: `Plan.id` covers the policies' digest, the file system, the moment, the narrowing and the totals. A
purge under it takes the same moment, so what it selects can only have shrunk, and the totals are its limits.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.retention.chain import as_json
from functions.retention.entry import format_service_time
from functions.retention.policy import Limits
from functions.retention.survey import Tally


@dataclass(frozen=True, slots=True)
class Plan:
    """One survey's result.

    Attributes:
        digest: of the deployed policies.
        file_system: file system id.
        as_of: the moment ages were measured at, epoch seconds.
        narrowing: how the policies were narrowed.
        tally: what was counted.
        jobs: deletion jobs it takes.
        limits: in force.
    """

    digest: str
    file_system: str
    as_of: float
    narrowing: Mapping[str, Any]
    tally: Tally
    jobs: int
    limits: Limits

    @property
    def id(self) -> str:
        """The plan's name: 32 hex digits."""
        tally = self.tally
        moment = format_service_time(self.as_of)
        totals = (tally.selected, tally.size, self.jobs)
        return plan_id(self.digest, self.file_system, moment, as_json(self.narrowing), totals)

    @property
    def listed(self) -> int:
        """Entries that were judged."""
        return self.tally.selected + self.tally.kept.total()

    @property
    def share(self) -> float:
        """Part of the listed entries that goes, 0 to 1."""
        return self.tally.selected / self.listed if self.listed else 0.0

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each limit that keeps it from being carried out."""
        return self.limits.broken_by(jobs=self.jobs, size=self.tally.size, share=self.share)

    def record(self) -> dict[str, object]:
        """The fields of its ``surveyed`` record."""
        tally = self.tally
        return {
            "plan_id": self.id,
            "as_of": format_service_time(self.as_of),
            "narrowing": as_json(self.narrowing),
            "listed": self.listed,
            "selected": tally.selected,
            "kept": as_json(tally.kept),
            "jobs": self.jobs,
            "bytes": tally.size,
            "by_policy": as_json(tally.by_policy),
            "detail": "; ".join(self.broken),
        }


def plan_id(digest: str, file_system: str, as_of: str, narrowing: str, totals: tuple[int, int, int]) -> str:
    """The name of a plan; texts as its record has them, totals are entries, bytes and jobs."""
    parts = [digest, file_system, as_of, narrowing, *totals]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
