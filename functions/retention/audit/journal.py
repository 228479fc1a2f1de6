"""Write audit records that share the fields of one slice or one request."""

import random
from collections.abc import Mapping

from functions.retention.audit.schema import record
from functions.retention.core import AuditLog, Clock, CloudError, Record, format_service_time

MOST_HELD_BACK = 1_000
"""Records kept for another try while the log does not take them; the oldest are dropped first."""


class Journal:
    """Writes records.

    Args:
        audit: the log.
        clock: for ``at``.
        rng: for ``event_id``.
        common: fields that every record carries.
    """

    def __init__(self, audit: AuditLog, clock: Clock, rng: random.Random, common: Mapping[str, object]) -> None:
        self._audit, self._clock, self._rng = audit, clock, rng
        self._common = dict(common)
        self._held: list[Record] = []

    def set(self, **fields: object) -> None:
        """Change the fields that every further record carries."""
        self._common |= fields

    def note(self, event: str, **fields: object) -> None:
        """Keep a record for the next `put` or `flush`. Use it when nothing depends on the acknowledgement."""
        self._held.append(self._record(event, fields))
        del self._held[:-MOST_HELD_BACK]

    def put(self, event: str, **fields: object) -> None:
        """Store a record and all kept ones now.

        Raises:
            CloudError: the log did not acknowledge them. The kept records stay; this one is dropped.
        """
        self._audit.put([*self._held, self._record(event, fields)])
        self._held.clear()

    def flush(self) -> CloudError | None:
        """Store the kept records. If the log refuses, return its error and keep them for another try."""
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
