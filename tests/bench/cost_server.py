"""``python -m tests.bench.cost_server DIRECTORIES ENTRIES``: ``python -m aliyun_fakes serve`` with a bin of this size.

The bin holds so many live directories with so many aged files each. Prints the same first line of JSON.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from tests.bench.workloads import AGE, DAY


def _set_at_the_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def serve(
    cloud: FakeCloud,
    said: Mapping[str, object],
    describe: Callable[[FakeCloud], Mapping[str, object]] | None = None,
) -> None:
    """Print where a cloud is served, and what is to be said of it, and serve until standard input ends.

    The thread that calls made the cloud's clock. `describe` adds to the state that clients can ask for.
    """
    stop = threading.Event()
    threading.Thread(target=_set_at_the_end, args=(stop,), daemon=True).start()
    with ServerFront(Admin(cloud, describe=describe)) as front:
        ready = {"endpoint": front.endpoint, "access_key_id": TEST_KEY.id, "access_key_secret": TEST_KEY.secret}
        sys.stdout.write(json.dumps({**ready, **said}) + "\n")
        sys.stdout.flush()
        stop.wait()


def main() -> None:
    """A bin as the arguments say."""
    directories, entries = (int(text) for text in sys.argv[1:])
    clock = VirtualClock()  # latencies pass on it, so that none is waited for
    cloud = FakeCloud(clock=clock)
    file_system = cloud.nas.create_file_system()
    aged = clock.now() - AGE - DAY
    for number in range(directories):
        file_system.recycle_many(f"/d/{number}", [(f"file-{n:07d}.tmp", n, aged) for n in range(entries)])
    serve(cloud, {"file_system": file_system.file_system_id, "now": clock.now()})


if __name__ == "__main__":
    main()
