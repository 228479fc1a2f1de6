"""The whole cloud in one object, and the ways to switch it on.

::

    with mock_alibaba_cloud(seed=7) as cloud:
        file_system = cloud.nas.create_file_system()
        ...official SDKs...

    @mock_alibaba_cloud()
    def test_something(): ...
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aliyun_fakes.core.clock import Clock, VirtualClock
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey, AccessKeys
from aliyun_fakes.core.dispatch import Dispatcher, Service
from aliyun_fakes.core.faults import Fault, Faults
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.core.responses_front import ResponsesFront
from aliyun_fakes.fc import FcService, FunctionHost
from aliyun_fakes.nas import NasModel, NasService, NasSettings
from aliyun_fakes.sls import SlsModel, SlsService, SlsSettings
from aliyun_fakes.smq import SmqModel, SmqService
from aliyun_fakes.smq_control import SmqControlService

ACCOUNT_ID = "1234567890123456"
REGION = "cn-hangzhou"


class FakeCloud:
    """NAS, SLS, SMQ and Function Compute of one account in one region.

    Args:
        clock: a virtual clock when omitted.
        seed: of ids and of everything else that looks random.
        keys: the identities that may call.
        faults: the fault schedule.
        nas: the switches of NAS.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        keys: Iterable[AccessKey] = (TEST_KEY,),
        faults: Iterable[Fault] = (),
        nas: NasSettings | None = None,
    ) -> None:
        self.clock: Clock = clock or VirtualClock()
        self.ids = Ids(seed)
        self.keys = AccessKeys(keys)
        self.faults = Faults(faults)
        self.smq = SmqModel(self.clock, self.ids, account_id=ACCOUNT_ID, region=REGION)
        self.sls = SlsModel(self.clock, self.ids, SlsSettings(region=REGION, owner=ACCOUNT_ID))
        self.nas = NasModel(self.clock, self.ids, nas, region=REGION)
        self.fc = FcService(self.keys, self.ids)
        services: list[Service] = [
            SmqControlService(self.smq, self.keys),  # before NAS, which claims actions by name
            NasService(self.nas, self.keys),
            SlsService(self.sls, self.keys),
            SmqService(self.smq, self.keys),
            self.fc,
        ]
        self.dispatcher = Dispatcher(services, self.clock, self.faults)

    def deploy(self, s_yaml: Path, **options: Any) -> FunctionHost:  # noqa: ANN401 - handed through as they are
        """Host the functions of an s.yaml and replace those hosted so far; see `FunctionHost` for the other arguments.

        The queues that its triggers read must exist.
        """
        known: dict[str, Any] = {"account_id": ACCOUNT_ID, "region": REGION}
        host = FunctionHost(s_yaml, clock=self.clock, smq=self.smq, ids=self.ids, **(known | options))
        self.fc.host = host
        return host


@contextmanager
def mock_alibaba_cloud(
    *,
    clock: Clock | None = None,
    seed: int = 0,
    keys: Iterable[AccessKey] = (TEST_KEY,),
    faults: Iterable[Fault] = (),
    nas: NasSettings | None = None,
) -> Iterator[FakeCloud]:
    """Switch the fakes on in this process, as a context manager or a decorator; see `FakeCloud` for the arguments."""
    cloud = FakeCloud(clock=clock, seed=seed, keys=keys, faults=faults, nas=nas)
    with ResponsesFront(cloud.dispatcher):
        yield cloud
