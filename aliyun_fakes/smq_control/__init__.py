"""The management API of the queue service, version 2022-01-19: an RPC-style front to the queues of `aliyun_fakes.smq`.

Start reading at `responses`; `table.yaml` is what is covered.
"""

from aliyun_fakes.smq_control.responses import SmqControlService

__all__ = ["SmqControlService"]
