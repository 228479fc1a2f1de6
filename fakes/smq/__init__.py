"""The fake queue service: Simple Message Queue, formerly MNS, wire version 2015-06-06."""

from fakes.smq.coverage import COVERAGE
from fakes.smq.errors import SmqError
from fakes.smq.models import SmqModel
from fakes.smq.queues import Queue
from fakes.smq.responses import SmqService
from fakes.smq.values import Message, QueueAttributes, SmqSettings

__all__ = ["COVERAGE", "Message", "Queue", "QueueAttributes", "SmqError", "SmqModel", "SmqService", "SmqSettings"]
