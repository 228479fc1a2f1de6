"""A queue handler: sleeps and fails as its messages say."""

import json

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.fc.context import Context


def work(event: bytes, context: Context, *, clock: Clock) -> object:
    """Process a batch; a body of ``fail`` fails it, ``sleep N`` takes N seconds, ``fail-once`` fails first tries."""
    bodies = [one["data"]["messageBody"] for one in json.loads(event)]
    for body in bodies:
        if body.startswith("sleep "):
            clock.sleep(float(body.split()[1]))
        if body == "fail" or (body == "fail-once" and context.retry_count == "0"):
            raise ValueError(f"told to fail by {body}")
    return bodies
