"""The official management client behind each front."""

import pytest
from alibabacloud_mns_open20220119.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from aliyun_fakes.cloud import REGION
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from tests.contract.fronts import Front


class MnsOpen:
    """Makes management clients that reach a front."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def client(self, key: AccessKey = TEST_KEY) -> Client:
        server = self._front.server
        where = {"endpoint": server.address, "protocol": "HTTP"} if server else {"region_id": REGION}
        keys = {"access_key_id": key.id, "access_key_secret": key.secret, "security_token": key.security_token}
        return Client(Config(**(keys | where)))


@pytest.fixture
def mns_open(front: Front) -> MnsOpen:
    return MnsOpen(front)


@pytest.fixture
def client(mns_open: MnsOpen) -> Client:
    return mns_open.client()
