"""The queue service's management API, version 2022-01-19: an RPC-style front to the queues of `aliyun_fakes.smq`."""

from aliyun_fakes.smq_control.responses import SmqControlService

__all__ = ["SmqControlService"]
