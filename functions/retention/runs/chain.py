"""The chain of slices that make a run: whether this slice is the one to work, and how it hands over or ends.

Messages arrive at least once and in any order, so slices can run twice. All duplicates but one stop by what the log
shows, without a lock: being wrong costs calls, never data.
"""

import math
from collections.abc import Mapping

from functions.retention.audit import (
    Intent,
    Journal,
    RunLedger,
    alive_until,
    announced_targets,
    is_duplicate,
    open_intents,
)
from functions.retention.core import (
    MAX_DELAY,
    CloudError,
    NoAnswer,
    Record,
    RunEnd,
    format_service_time,
)
from functions.retention.runs.context import Report, SliceServices
from functions.retention.runs.message import RunMessage
from functions.retention.runs.run_counts import at_end, so_far


class Chain:
    """What a slice asks of, and leaves to, the other slices of its run.

    Args:
        services: what to work with.
        journal: for records.
        ledger: what the log says of the run.

    Attributes:
        open_intents: jobs announced by earlier tries at this very slice, outcome not known; after `stop_if_duplicate`.
        announced: targets announced by an earlier try at this very slice; after `stop_if_duplicate`.
    """

    def __init__(self, services: SliceServices, journal: Journal, ledger: RunLedger) -> None:
        self._services, self._clock, self._journal, self._ledger = services, services.clock, journal, ledger
        self.open_intents: list[Intent] = []
        self.announced: list[Intent] = []

    def stop_if_duplicate(self, message: RunMessage) -> Report | None:
        """The report of a slice that is not needed, since another carries the run on or it is over; else None.

        Raises:
            CloudError: the log does not say whether the message is a replay, or which jobs an earlier try created.
        """
        records = self._ledger.records(message.sent_at)
        if records is None:
            if message.mode == "enforce" and message.stopping is None:
                raise NoAnswer("GetLogs", "Unknown", "this slice may have been worked on before; the log does not say")
            records = []
        self.open_intents = open_intents(records, message.slice_number)
        self.announced = announced_targets(records, message.slice_number)
        return self._stop_as_duplicate(message, records)

    def hand_over(self, message: RunMessage, after: float) -> Report:
        """Send the continuation, then record it.

        Args:
            message: the position reached.
            after: seconds until the next slice should begin.

        Raises:
            CloudError: it could not be sent.
        """
        duplicate = self._stop_as_duplicate(message, self._ledger.handed_over(message.sent_at) or [])
        if duplicate is not None:
            return duplicate
        now = self._clock.now()
        send_id = f"{self._services.rng.getrandbits(48):012x}"
        delay = math.ceil(min(max(after, 0.0), MAX_DELAY))
        following = message.next_slice(send_id, now)
        self._services.queue.send(following.to_body(), delay)
        due = now + delay
        self._journal.note(
            "handed-over",
            slice_number=following.slice_number,
            send_id=send_id,
            next_at=round(due),
            alive_until=round(alive_until(due)),
            **so_far(message),
        )
        self._journal.flush()
        return Report(message.run, message.file_system, "handed-over", next_in=delay)

    def wait(self, message: RunMessage, after: float, error: CloudError) -> Report:
        """Send the message of this very slice again, since it got no answer and did nothing.

        Args:
            message: of the slice.
            after: seconds until it is tried again.
            error: what it got instead of an answer.

        Raises:
            CloudError: it could not be sent.
        """
        delay = math.ceil(min(after, MAX_DELAY))
        self._services.queue.send(message.to_body(), delay)
        due = self._clock.now() + delay
        self._journal.note(
            "handed-over",
            slice_number=message.slice_number,
            send_id=message.send_id,
            next_at=round(due),
            alive_until=round(alive_until(due)),
            detail=f"waits for the service: {error}",
            **so_far(message),
        )
        self._journal.flush()
        return Report(message.run, message.file_system, "handed-over", detail=str(error), next_in=delay)

    def end(self, message: RunMessage, stop: RunEnd, set_aside: Mapping[str, int] | None = None) -> Report:
        """Record that the run is over; `set_aside` tells how many things it set aside, by error.

        Raises:
            CloudError: the log did not take it.
        """
        self._journal.put("ended", reason=stop.reason, detail=stop.detail, **at_end(message, set_aside))
        return Report(message.run, message.file_system, "ended", stop.reason, stop.detail)

    def _stop_as_duplicate(self, message: RunMessage, records: list[Record]) -> Report | None:
        """The report of a duplicate when the records show that another slice carries the run on, or that it is over."""
        ended = any(record["event"] == "ended" for record in records)
        if not ended and not is_duplicate(records, message.slice_number, message.send_id):
            return None
        self._journal.note("duplicate")
        self._journal.flush()
        return Report(message.run, message.file_system, "duplicate")


def common_fields(message: RunMessage, request_id: str) -> dict[str, object]:
    """What every record of a slice carries."""
    return {
        "run": message.run,
        "slice_number": message.slice_number,
        "send_id": message.send_id,
        "request": request_id,
        "trigger": message.trigger,
        "mode": message.mode,
        "phase": message.phase,
        "digest": message.digest,
        "as_of": format_service_time(message.as_of),
        "file_system": message.file_system,
    }
