"""Function Compute: hosts the functions that an s.yaml deploys, and answers both versions of the invocation API.

Start reading at `host`; `responses` is the wire, `table.yaml` what is covered.
"""

from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.fc.responses import FcService
from aliyun_fakes.fc.results import InvocationRecord, InvocationResult
from aliyun_fakes.fc.settings import DeliveryFaults, FcSettings
from deployment.s_yaml import Deployment, FunctionProps, SYamlError, load_deployment

__all__ = [
    "DeliveryFaults",
    "Deployment",
    "FcError",
    "FcService",
    "FcSettings",
    "FunctionHost",
    "FunctionProps",
    "InvocationRecord",
    "InvocationResult",
    "SYamlError",
    "load_deployment",
]
