"""``python -m tests.bench.footprint_server WORKLOAD SCALE``: a workload behind an endpoint, as functions need it.

Prints one line of JSON: where, the file systems, what goes and how much there is, and how purges are called. Its state
(``/_fakes/state``) has what is ``left``: how many jobs it takes to delete what still goes.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.fc import load_deployment
from aliyun_fakes.provision import provision
from tests.bench.cost_server import serve
from tests.bench.figures import bounds
from tests.bench.plan import SEED, order_of
from tests.bench.platform import PURGE, S_YAML, aged_before, people_at_work, policies_for
from tests.bench.workloads import WORKLOADS, filled


def _left(cloud: FakeCloud) -> dict[str, object]:
    return {"left": bounds(cloud.nas.file_systems.values()).jobs}


def main() -> None:
    """Serve until standard input ends."""
    workload, scale = WORKLOADS[sys.argv[1]], float(sys.argv[2])
    cloud = filled(workload, scale, SEED)
    limit = bounds(cloud.nas.file_systems.values())
    purge = load_deployment(S_YAML, environ={}, account_id=ACCOUNT_ID).functions[PURGE]
    (stream,) = purge.streams
    with TemporaryDirectory() as folder, people_at_work(workload, cloud, SEED):
        policies = Path(folder, "policies.yaml")
        policies.write_text(policies_for(cloud, order_of(workload.name)), encoding="utf-8")
        environment = provision(cloud, S_YAML) | {
            "POLICIES_FILE": str(policies),
            "SEAL_KEY": bytes(range(32)).hex(),
            "FC_REGION": REGION,
            "FC_ACCOUNT_ID": ACCOUNT_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": TEST_KEY.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": TEST_KEY.secret,
        }
        said = {
            "file_systems": list(cloud.nas.file_systems),
            "aged": aged_before(cloud),
            "entries": limit.entries,
            "environment": environment,
            "timeout": purge.timeout,
            "batch": stream.trigger_config.run_options.batch_window.count,
        }
        serve(cloud, said, _left)


if __name__ == "__main__":
    main()
