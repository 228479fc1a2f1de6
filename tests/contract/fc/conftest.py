"""The toy functions behind both fronts, called through both SDKs."""

import pytest

from aliyun_fakes.fc import FunctionHost
from tests.contract.fc.sdks import Api, Invoker, deploy_toys, invoker
from tests.contract.fronts import Front


@pytest.fixture
def host(front: Front) -> FunctionHost:
    """The toys, deployed."""
    return deploy_toys(front.cloud)


@pytest.fixture(params=["fc2", "fc3"])
def api(request: pytest.FixtureRequest) -> Api:
    """Which SDK."""
    chosen: Api = request.param
    return chosen


@pytest.fixture
def invoke(api: Api, front: Front, host: FunctionHost) -> Invoker:  # noqa: ARG001 - there must be something to invoke
    """The SDK at the front."""
    return invoker(api, front)
