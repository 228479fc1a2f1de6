"""The purge function's work: every message of a batch in a thread of its own, none holding up another."""

import random
from collections.abc import Callable
from dataclasses import replace

from functions.retention.audit import LONGEST_ALIVE, CompleteLog, Journal
from functions.retention.core import (
    Clock,
    ConfigurationError,
    EventError,
    NotFound,
    PolicyError,
    Refused,
    RetentionError,
    Unsealed,
    is_sealed,
)
from functions.retention.jobs import Participant, SharedInvocation
from functions.retention.runs.context import Report, SliceServices
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage, parse_message
from functions.retention.runs.requests import OrderRefused, Requests, is_request, parse_order
from functions.retention.runs.run_counts import at_end
from functions.retention.runs.services import Services
from functions.retention.runs.slice import RunSlice

MAX_ATTEMPTS = 5
"""Times a slice that fails is tried again before its message goes to the dead-letter queue."""

FIRST_DELAY = 60

LONGEST_DELAY = 900

REPLAYED_AFTER = LONGEST_ALIVE
"""Seconds after its sending from which a duplicate is no repeated delivery: delay, visibility and slice are over."""

REPLAYED = "the run went on without this message, or is over; it was sent again by hand. The next sweep begins anew"
"""What the record of a replayed message says."""

NO_QUEUE_TAKES = ("MessageTooLong", "MessageBodyInvalid")
"""Codes of the queue adapter and its SDK for bodies that cannot be sent, whoever tries and however often: longer as
Base64 than a message may be, though not as they came (documented: SMQ limits page), or empty (observed)."""


class Worker:
    """Works through the messages of one invocation.

    Args:
        services: makes clients.
        clock: time and threads.
        rng: ids of records and sends.
        request_id: of the invocation.
        deadline: epoch seconds after which slices begin nothing new.
        redelivered: the platform says that this is a repetition.
    """

    def __init__(
        self,
        services: Services,
        clock: Clock,
        rng: random.Random,
        *,
        request_id: str,
        deadline: float,
        redelivered: bool,
    ) -> None:
        self._services, self._clock, self._rng = services, clock, rng
        self._request_id, self._deadline, self._redelivered = request_id, deadline, redelivered
        self._shared = SharedInvocation()

    def work(self, deliveries: list[Delivery]) -> list[Report]:
        """What became of each message.

        Raises:
            CloudError: a message could be neither worked on nor put on a queue; the platform has to deliver it again.
        """
        return self._clock.gather([self._task(delivery) for delivery in deliveries])

    def _task(self, delivery: Delivery) -> Callable[[], Report]:
        return lambda: self._one(delivery)

    def _one(self, delivery: Delivery) -> Report:
        try:
            if not is_sealed(delivery.body) and is_request(delivery):
                return self._request(delivery)
            message = self._opened(delivery)
        except Unsealed as error:
            return self._bury(delivery, "unsealed", str(error), reason=error.reason)
        except ConfigurationError as error:
            return self._bury(delivery, "unsealed", str(error), reason="no-key")
        except EventError as error:
            return self._bury(delivery, "poison", str(error))
        return self._slice(message, delivery)

    def _slice(self, message: RunMessage, delivery: Delivery) -> Report:
        participant = self._shared.join()
        try:
            report = RunSlice(message, self._slice_services(message, participant)).work()
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the run must not be lost
            return self._try_again(message, delivery, error)
        finally:
            participant.set_busy(busy=False)
        if report.state == "duplicate" and self._clock.now() > message.sent_at + REPLAYED_AFTER:
            return self._bury(delivery, "unsealed", REPLAYED, reason="replayed")
        return report

    def _request(self, delivery: Delivery) -> Report:
        """Carry out a request, or refuse it: in the log and the dead letters, with the reason.

        Raises:
            CloudError: it could be neither; the platform has to deliver it again.
        """
        try:
            return Requests(self._services, self._clock, self._journal()).carry_out(parse_order(delivery))
        except OrderRefused as error:
            return self._bury(delivery, "refused", str(error), reason=error.code, trigger="request")
        except ConfigurationError as error:
            return self._bury(delivery, "refused", str(error), reason="no-key", trigger="request")
        except EventError as error:
            return self._bury(delivery, "refused", str(error), reason="bad-request", trigger="request")
        except PolicyError as error:
            return self._bury(delivery, "refused", str(error), reason="policy-error", trigger="request")
        except (Refused, NotFound) as error:
            return self._bury(delivery, "refused", str(error), reason="no-access", trigger="request")

    def _opened(self, delivery: Delivery) -> RunMessage:
        """The message in a delivery. Its seal is opened before anything in it is read.

        Raises:
            Unsealed: the functions did not send it.
            ConfigurationError: the deployment has no key to tell.
            EventError: it is no message at all.
        """
        if not is_sealed(delivery.body):
            delivery.wire()  # what is no JSON object claims to be no message
        return parse_message(Delivery(self._services.seal().open(delivery.body)).wire())

    def _slice_services(self, message: RunMessage, participant: Participant) -> SliceServices:
        services = self._services
        return SliceServices(
            recycle_bin=services.recycle_bin(message.file_system),
            audit=CompleteLog(services.audit(), self._clock),
            queue=services.queue(),
            clock=self._clock,
            rng=self._rng,
            seal=services.seal(),
            file=services.policies,
            request_id=self._request_id,
            deadline=self._deadline,
            redelivered=self._redelivered,
            more_listings=lambda: self._services.listings(message.file_system),
            participant=participant,
        )

    def _try_again(self, message: RunMessage, delivery: Delivery, error: Exception) -> Report:
        """Put the very message back, later each time; in the end on the dead-letter queue."""
        detail = _describe(error)
        if message.attempt < MAX_ATTEMPTS:
            delay = min(FIRST_DELAY * 2**message.attempt, LONGEST_DELAY)
            self._services.queue().send(replace(message, attempt=message.attempt + 1).to_body(), delay)
            return Report(message.run, message.file_system, "requeued", detail=detail, next_in=delay)
        self._services.queue().dead_letter(delivery.body)
        common = {
            "run": message.run,
            "file_system": message.file_system,
            "mode": message.mode,
            "slice_number": message.slice_number,
            **at_end(message),
        }
        self._note("ended", reason="failed", detail=detail, **common)
        return Report(message.run, message.file_system, "dead-lettered", "failed", detail)

    def _bury(self, delivery: Delivery, event: str, detail: str, **fields: object) -> Report:
        """Put what is never worked on verbatim on the dead-letter queue, and record why.

        A body that no queue takes is kept by the log alone.
        """
        try:
            self._services.queue().dead_letter(delivery.body)
        except Refused as refusal:
            if refusal.code not in NO_QUEUE_TAKES:
                raise
            what = f"{detail}; not in the dead-letter queue: {refusal}"
            self._journal().put(event, detail=what, message=delivery.body, **fields)
            return Report("", "", "dropped", event, what)
        self._note(event, detail=detail, message=delivery.body, **fields)
        return Report("", "", "dead-lettered", event, detail)

    def _note(self, event: str, **fields: object) -> None:
        """A record, as far as the log takes it: the message is safe already."""
        journal = self._journal()
        journal.note(event, **fields)
        journal.flush()

    def _journal(self) -> Journal:
        return Journal(self._services.audit(), self._clock, self._rng, {"request": self._request_id})


def _describe(error: Exception) -> str:
    """Our own errors hold no secrets; of others only the type is certain not to."""
    return str(error) if isinstance(error, RetentionError) else type(error).__name__
