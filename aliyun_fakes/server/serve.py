"""``python -m aliyun_fakes serve``: the fake cloud as a process of its own, for SDKs in any language.

Prints one line of JSON when ready, then serves until SIGINT or SIGTERM::

    {"endpoint": "http://127.0.0.1:8642", "access_key_id": ..., "access_key_secret": ..., "file_systems": [...], ...}

With ``--functions`` it hosts the functions of an s.yaml too: from the moment their queues exist, timers fire, queues
feed their functions, and both versions of the API invoke them. The keys are the fakes' own and open nothing else.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.clock import Clock, VirtualClock
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.core.real_clock import RealClock
from aliyun_fakes.nas.from_directory import TreeLoader
from aliyun_fakes.server.admin import PREFIX, Admin
from aliyun_fakes.server.front import ServerFront
from aliyun_fakes.server.hosting import Hosting, leave
from aliyun_fakes.server.hosting import describe as describe_functions

CLOCKS = "real, virtual, or scaled:SPEED (scaled:60 plays an hour in a minute)"


@dataclass(frozen=True)
class Options:
    """How to serve.

    Attributes:
        port: 0 takes a free one.
        host: address to listen on.
        tree: a real directory whose content fills the bin; None for an empty bin.
        file_system: its id; None for one by seed.
        clock: as in `CLOCKS`.
        seed: of ids, deletion times and everything else that looks random.
        functions: an s.yaml whose functions are hosted; None for none. Not on virtual time, where requests take turns.
    """

    port: int = 0
    host: str = "127.0.0.1"
    tree: Path | None = None
    file_system: str | None = None
    clock: str = "real"
    seed: int = 0
    functions: Path | None = None


def make_clock(name: str) -> Clock:
    """The clock of that name.

    Raises:
        ValueError: it is none of `CLOCKS`.
    """
    kind, _, speed = name.partition(":")
    if name == "real":
        return RealClock()
    if name == "virtual":
        return VirtualClock()
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if kind != "scaled" or not 0 < factor < float("inf"):
        raise ValueError(f"clock {name!r}: allowed are {CLOCKS}")
    return RealClock(speed=factor)


def make_cloud(options: Options) -> FakeCloud:
    """A cloud with one file system, its bin filled from the tree.

    Raises:
        ValueError: an unknown clock.
        NotADirectoryError: the tree is no directory.
    """
    cloud = FakeCloud(clock=make_clock(options.clock), seed=options.seed)
    file_system = cloud.nas.create_file_system(options.file_system)
    if options.tree is not None:
        TreeLoader(file_system, now=cloud.clock.now(), seed=options.seed).load(options.tree)
    return cloud


def describe(cloud: FakeCloud) -> dict[str, object]:
    """What the services hold, for the admin interface."""
    return {
        "file_systems": file_systems(cloud),
        "queues": {queue.name: queue.counts() for queue in cloud.smq.queues},
        **describe_functions(cloud.fc.host),
    }


def file_systems(cloud: FakeCloud) -> list[dict[str, object]]:
    """Id and bin of each file system."""
    return [
        {"file_system_id": each.file_system_id, "bin_entries": each.bin_count, "bin_bytes": each.bin_size}
        for each in cloud.nas.file_systems.values()
    ]


def serve(options: Options, stop: threading.Event, out: TextIO) -> None:
    """Serve until `stop` is set; says so in one line of JSON on `out`.

    Raises:
        OSError: the address cannot be listened on, the tree is no directory, or s.yaml cannot be read.
        OverflowError: there is no such port.
        ValueError: an unknown clock, one that cannot host functions, or an s.yaml that is not valid.
    """
    if options.functions is not None and options.clock == "virtual":
        raise ValueError("--functions needs a clock that goes by itself: --clock real or scaled:SPEED")
    hosting = Hosting(options.functions, options.seed) if options.functions is not None else None

    def fresh() -> FakeCloud:
        leave(admin.cloud)
        return host(make_cloud(options))

    def host(cloud: FakeCloud) -> FakeCloud:
        if hosting is not None:
            hosting.attach(cloud, front.endpoint)
        return cloud

    admin = Admin(make_cloud(options), fresh=fresh, describe=describe)
    front = ServerFront(admin, host=options.host, port=options.port)
    host(admin.cloud)
    with front:
        ready = {
            "endpoint": front.endpoint,
            "admin": front.endpoint + PREFIX,
            "access_key_id": TEST_KEY.id,
            "access_key_secret": TEST_KEY.secret,
            "account_id": ACCOUNT_ID,
            "region": REGION,
            "clock": options.clock,
            "file_systems": file_systems(admin.cloud),
        }
        print(json.dumps(ready), file=out, flush=True)
        stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit status."""
    options = _parse(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve(options, stop, sys.stdout)
    except (OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"python -m aliyun_fakes serve: {error}\n")
        return 2
    return 0


def _parse(arguments: Sequence[str] | None) -> Options:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m aliyun_fakes", description="A fake of NAS, SLS, SMQ and FC.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="serve over HTTP")
    command.add_argument("--port", type=int, default=default.port, help="0 (the default) takes a free one")
    command.add_argument("--host", default=default.host)
    command.add_argument("--tree", type=Path, metavar="DIR", help="fill the bin with what is below this directory")
    command.add_argument("--file-system", metavar="ID")
    command.add_argument("--functions", type=Path, metavar="S_YAML", help="host its functions; start in its folder")
    command.add_argument("--clock", default=default.clock, help=CLOCKS)
    command.add_argument("--seed", type=int, default=default.seed)
    given = vars(parser.parse_args(arguments))
    return Options(**{name: given[name] for name in asdict(default)})
