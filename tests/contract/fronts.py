"""A fake cloud behind one of its fronts, with official SDK clients that reach it there."""

from typing import Any

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.server.front import ServerFront
from tests.patience import PATIENCE


class Front:
    """A fake cloud behind one front, and SDK clients that reach it there.

    Args:
        cloud: what is served.
        server: the HTTP server's front; None for the in-process one.
    """

    def __init__(self, cloud: FakeCloud, server: ServerFront | None) -> None:
        self.cloud, self.server = cloud, server

    @property
    def clock(self) -> Clock:
        return self.cloud.clock

    def nas_client(self, *, key: AccessKey = TEST_KEY, **config: Any) -> Any:  # noqa: ANN401 - an SDK without types
        """The official NAS client; `config` goes to its ``Config``."""
        from alibabacloud_nas20170626.client import Client  # noqa: PLC0415 - a slow import that few tests need
        from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415 - as above

        where = {"endpoint": self.server.address, "protocol": "HTTP"} if self.server else {"region_id": REGION}
        keys = {"access_key_id": key.id, "access_key_secret": key.secret, "security_token": key.security_token}
        milliseconds = int(PATIENCE * 1000)
        limits = {"connect_timeout": milliseconds, "read_timeout": milliseconds}
        return Client(Config(**(keys | where | limits | config)))

    def log_client(self, *, key: AccessKey = TEST_KEY, auth_version: str = "v4") -> Any:  # noqa: ANN401 - as above
        """The official log client.

        Against the server it is told, by a private attribute, to keep the project out of the URL's host: for hosts
        other than 127.0.0.1:80 the SDK has no public way (observed: aliyun-log-python-sdk 0.9.52).
        """
        from aliyun.log import LogClient  # noqa: PLC0415 - as in nas_client

        endpoint = self.server.endpoint if self.server else f"https://{REGION}.log.aliyuncs.com"
        client = LogClient(
            endpoint,
            key.id,
            key.secret,
            securityToken=key.security_token,
            source="test",
            auth_version=auth_version,
            region=REGION,
        )
        client.timeout = int(PATIENCE)
        if self.server:
            assert vars(client)["_isRowIp"] is False, "the SDK no longer has the attribute this relies on"
            vars(client)["_isRowIp"] = True
        return client

    def mns_account(self, *, key: AccessKey = TEST_KEY) -> Any:  # noqa: ANN401 - as in nas_client
        """The official queue client's account."""
        from mns.account import Account  # noqa: PLC0415 - as in nas_client

        endpoint = self.server.endpoint if self.server else f"https://{ACCOUNT_ID}.mns.{REGION}.aliyuncs.com"
        account = Account(endpoint, key.id, key.secret, key.security_token or "")
        account.get_client().set_connection_timeout(PATIENCE)
        return account
