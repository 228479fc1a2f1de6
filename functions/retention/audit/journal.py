"""One slice's pen: writes audit records with what they have in common filled in."""

import random
from collections.abc import Mapping

from functions.retention.audit.schema import record
from functions.retention.core import AuditLog, Clock, CloudError, Record, format_service_time

MOST_HELD_BACK = 1_000
"""Records that are kept for a next try while the log does not take them; older ones are dropped first."""


class Journal:
    """Writes records for one slice.

    Args:
        audit: the log.
        clock: for ``at``.
        rng: for ``event_id``.
        common: fields every record carries.
    """

    def __init__(self, audit: AuditLog, clock: Clock, rng: random.Random, common: Mapping[str, object]) -> None:
        self._audit, self._clock, self._rng = audit, clock, rng
        self._common = dict(common)
        self._held: list[Record] = []

    def set(self, **fields: object) -> None:
        """Change what every record from now on carries."""
        self._common |= fields

    def note(self, event: str, **fields: object) -> None:
        """Keep a record for the next `put` or `flush`; for what need not be acknowledged before going on."""
        self._held.append(self._record(event, fields))
        del self._held[:-MOST_HELD_BACK]

    def put(self, event: str, **fields: object) -> None:
        """Store a record, and everything noted, at once.

        Raises:
            CloudError: the log did not acknowledge it. What was noted is kept, this record is not.
        """
        self._audit.put([*self._held, self._record(event, fields)])
        self._held.clear()

    def flush(self) -> CloudError | None:
        """Store what was noted; the log's refusal, in which case the records are kept for a next try."""
        if not self._held:
            return None
        try:
            self._audit.put(self._held)
        except CloudError as error:
            return error
        self._held.clear()
        return None

    def _record(self, event: str, fields: Mapping[str, object]) -> Record:
        own = {"event_id": f"{self._rng.getrandbits(96):024x}", "at": format_service_time(self._clock.now())}
        return record(event, {**self._common, **own, **fields})
