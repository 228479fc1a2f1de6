"""Host functions on a served cloud: deploy them once the queues of their triggers exist, and run them."""

import threading
from collections import Counter
from pathlib import Path

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.fc import FunctionHost, load_deployment
from aliyun_fakes.server.admin import Refusal

ENDPOINT_VARIABLES = ("NAS_ENDPOINT", "SLS_ENDPOINT", "SMQ_ENDPOINT")
"""Where the hosted functions look for the URLs of the services they call."""


class Hosting:
    """Hosts the functions of one s.yaml on whatever cloud is served, on real or scaled time.

    Their code is what lies in the folder of s.yaml, and Python has to be started there (see `aliyun_fakes.fc.loading`).

    Args:
        s_yaml: the file; its regions have to be the fakes' own.
        seed: of everything random.

    Raises:
        OSError: the file cannot be read.
        SYamlError: it is not valid.
    """

    def __init__(self, s_yaml: Path, seed: int) -> None:
        functions = load_deployment(s_yaml, environ={}, account_id=ACCOUNT_ID).functions.values()
        self._queues = {stream.queue_name for function in functions for stream in function.streams}
        self._package = next((s_yaml.parent / function.code for function in functions), None)
        self._s_yaml, self._seed = s_yaml, seed
        self._lock = threading.Lock()

    def attach(self, cloud: FakeCloud, endpoint: str) -> None:
        """Deploy to a cloud as soon as the queues are there: without them the real one takes no trigger (assumed).

        Args:
            cloud: where to.
            endpoint: the URL that functions call for every service.
        """

        def look(request: LoggedRequest) -> None:
            if request.operation == "CreateQueue":
                self._deploy(cloud, endpoint)

        cloud.dispatcher.on_request.append(look)
        self._deploy(cloud, endpoint)

    def _deploy(self, cloud: FakeCloud, endpoint: str) -> None:
        with self._lock:
            if cloud.fc.host is not None or self._queues - {queue.name for queue in cloud.smq.queues}:
                return
            variables = dict.fromkeys(ENDPOINT_VARIABLES, endpoint)
            host = cloud.deploy(self._s_yaml, variables=variables, seed=self._seed, package=self._package)
        threading.Thread(target=_play, args=(host,), daemon=True).start()


def leave(cloud: FakeCloud) -> None:
    """Stop playing the functions of a cloud that is about to be replaced.

    Raises:
        Refusal: some are at work, and would go on in the cloud that takes its place.
    """
    host = cloud.fc.host
    if host is None:
        return
    if host.running:
        raise Refusal(409, f"functions at work: {host.running}; they cannot be interrupted, try again later")
    host.close()


def describe(host: FunctionHost | None) -> dict[str, object]:
    """For the admin interface: how many invocations ended, by function and outcome, and how many are under way."""
    ended: dict[str, Counter[str]] = {name: Counter() for name in (host.functions if host else ())}
    for record in list(host.invocations) if host else []:
        ended[record.function][record.outcome] += 1
    return {"functions": ended, "functions_at_work": host.running if host else 0}


def _play(host: FunctionHost) -> None:
    while not host.closed:  # bounded: a round lasts for a month of the clock, or until the host is closed
        host.run_until(lambda: host.closed)
