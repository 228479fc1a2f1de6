"""Function Compute on this machine: hosts the functions that an s.yaml deploys, and answers its invocation API."""

from fakes.fc.errors import FcError
from fakes.fc.host import FunctionHost
from fakes.fc.responses import FcService
from fakes.fc.results import InvocationRecord, InvocationResult
from fakes.fc.s_yaml import Deployment, FunctionProps, SYamlError, load_deployment
from fakes.fc.settings import DeliveryFaults, FcSettings

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
