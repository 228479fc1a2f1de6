"""Which requests belong to NAS, and which operation each one is.

RPC style: the path is always ``/``; action and version come in headers (observed: SDK 3.7.5) or parameters.
"""

from pathlib import Path

from aliyun_fakes.core.gateway import operation_of, version_of
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.routes import read_names

VERSION = "2017-06-26"

LISTINGS = ("ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles")
_TAGGING = ("TagResources", "UntagResources", "ListTagResources")
OPERATIONS = (
    "EnableRecycleBin",
    "DisableAndCleanRecycleBin",
    "UpdateRecycleBinAttribute",
    "GetRecycleBinAttribute",
    *LISTINGS,
    "CreateRecycleBinDeleteJob",
    "CreateRecycleBinRestoreJob",
    "CancelRecycleBinJob",
    "ListRecycleBinJobs",
    "DescribeFileSystems",
    *_TAGGING,
)
KNOWN = read_names(Path(__file__).with_name("operations.txt"))
"""Every operation of the vendor's."""
_HOSTS = ("nas.", "nas-vpc.")


def owns(request: Request) -> bool:
    """Whether a request is for NAS: by its API version, its host, or an action that only NAS has."""
    only_here = operation_of(request) in OPERATIONS and operation_of(request) not in _TAGGING
    return only_here or version_of(request) == VERSION or request.host.startswith(_HOSTS)
