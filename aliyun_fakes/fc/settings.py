"""What can be chosen about the host, and the faults it plays."""

import random
from dataclasses import dataclass, field

Chance = float | frozenset[int]
"""How often something happens: a probability, or the numbers (from 1) of the occasions on which it does."""


def strikes(chance: Chance, number: int, source: random.Random) -> bool:
    """Whether something of this chance happens on the `number`-th occasion."""
    if isinstance(chance, frozenset):
        return number in chance
    return chance > 0 and source.random() < chance


@dataclass(frozen=True)
class DeliveryFaults:
    """What goes wrong between a queue and its function; all of it is allowed by "at least once, in no order".

    Attributes:
        duplicate: batches delivered a second time, to another instance; numbers count batches.
        duplicate_after: seconds between the two; 0 is in lockstep.
        reorder: messages held back so that later ones overtake them; numbers count messages.
        reorder_hold: for how many seconds.
        drop: batches acknowledged whose invocation never happens; numbers count batches.
    """

    duplicate: Chance = 0.0
    duplicate_after: float = 0.5
    reorder: Chance = 0.0
    reorder_hold: float = 30.0
    drop: Chance = 0.0


@dataclass(frozen=True)
class FcSettings:
    """The host's assumptions and limits; every time in seconds.

    Attributes:
        latency: request to reply of an invocation that is refused or only queued (assumed).
        poll_step: how often a synchronous invocation over the wire looks whether it has ended: the error of the fake.
        cold_start: from request to handler on a new instance (assumed; no official figure), not billed (assumed).
        keep_warm: how long an idle instance lives (assumed).
        queue_latency: shortest and longest time from a message's being visible to its delivery (assumed).
        account_instances: instances at once (documented: limits page, 2026-02; some accounts have 100).
        scale_out_per_minute: new instances within a minute (documented: limits page, 2026-02).
        function_error_retry_delay: between attempts of an asynchronous invocation whose function failed (assumed).
        throttled_patience: how long throttled asynchronous invocations are retried (documented: retry page, 5 h).
        push_timeout: how long an event stream waits for a function's answer (documented: advanced features of
            triggers, at most 5 minutes; the invocation itself runs on, assumed).
        push_retry_delay: shortest and longest time between tries of BACKOFF_RETRY (documented: the same page).
        destination_base64: whether destinations and dead letters are written to queues as base64, as the queue SDKs
            do by default; as plain text otherwise (assumed).
        delivery_faults: what goes wrong between queue and function.
    """

    latency: float = 0.03
    poll_step: float = 0.05
    cold_start: float = 2.0
    keep_warm: float = 300.0
    queue_latency: tuple[float, float] = (1.0, 3.0)
    account_instances: int = 300
    scale_out_per_minute: int = 300
    function_error_retry_delay: float = 10.0
    throttled_patience: float = 5 * 3600.0
    push_timeout: float = 300.0
    push_retry_delay: tuple[float, float] = (10.0, 20.0)
    destination_base64: bool = False
    delivery_faults: DeliveryFaults = field(default_factory=DeliveryFaults)
