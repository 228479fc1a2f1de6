"""Simple Message Queue (SMQ, formerly MNS), wire version 2015-06-06.

Start reading at `queues`; `responses` is the wire, `table.yaml` what is covered.
"""

from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import Queue
from aliyun_fakes.smq.responses import SmqService
from aliyun_fakes.smq.values import Message, QueueAttributes, SmqSettings

__all__ = ["Message", "Queue", "QueueAttributes", "SmqError", "SmqModel", "SmqService", "SmqSettings"]
