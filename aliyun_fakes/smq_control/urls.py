"""Which requests belong to the queue service's management API, and which operation each is.

RPC style: the path is always ``/``; action and version come in headers (observed: alibabacloud-mns-open20220119 1.4.1)
or parameters.
"""

from pathlib import Path

from aliyun_fakes.core.gateway import version_of
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.routes import read_names

VERSION = "2022-01-19"
OPERATIONS = ("CreateQueue", "SetQueueAttributes", "GetQueueAttributes", "DeleteQueue", "ListQueue")
KNOWN = read_names(Path(__file__).with_name("operations.txt"))
"""Every operation of the vendor's."""
_HOST = "mns-open."


def owns(request: Request) -> bool:
    """Whether a request is for this API: by its version or its host."""
    return version_of(request) == VERSION or request.host.startswith(_HOST)
