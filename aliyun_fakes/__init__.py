"""Fakes of Alibaba Cloud for tests, demos and benchmarks: the official SDKs work against them unchanged.

They cover the recycle bin of NAS, Log Service (SLS), Simple Message Queue (SMQ, with its management API) and Function
Compute (FC). `COVERAGE.md` lists each behaviour as documented, observed or assumed, with its source.
Time is virtual unless another clock is given, so a month passes in seconds. Faults are data.

Inside one Python process::

    with mock_alibaba_cloud(seed=7) as cloud:
        file_system = cloud.nas.create_file_system()  # then call the official SDKs

For SDKs in any language, ``python -m aliyun_fakes serve --tree DIR`` serves the same over HTTP. Every key works only
here. Nothing of this package is deployed. Start reading at `cloud`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud, mock_alibaba_cloud
    from aliyun_fakes.core.clock import VirtualClock
    from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
    from aliyun_fakes.core.faults import Fault
    from aliyun_fakes.core.real_clock import RealClock
    from aliyun_fakes.nas import DurationModel, JobFault, NasSettings

__all__ = [
    "ACCOUNT_ID",
    "REGION",
    "TEST_KEY",
    "AccessKey",
    "DurationModel",
    "FakeCloud",
    "Fault",
    "JobFault",
    "NasSettings",
    "RealClock",
    "VirtualClock",
    "mock_alibaba_cloud",
]

_WHERE = {
    "cloud": ("ACCOUNT_ID", "REGION", "FakeCloud", "mock_alibaba_cloud"),
    "core.clock": ("VirtualClock",),
    "core.credentials": ("TEST_KEY", "AccessKey"),
    "core.faults": ("Fault",),
    "core.real_clock": ("RealClock",),
    "nas": ("DurationModel", "JobFault", "NasSettings"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: one fake alone needs fewer libraries than all of them."""
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
