"""Which requests belong to NAS, and which operation each one is.

RPC style: the path is always ``/``; action and version come in headers (observed: SDK 3.7.5) or parameters.
"""

from fakes.core.gateway import operation_of, version_of
from fakes.core.http import Request

VERSION = "2017-06-26"

LISTINGS = ("ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles")
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
    "TagResources",
    "UntagResources",
    "ListTagResources",
)
UNKNOWN = "Unknown"
_HOSTS = ("nas.", "nas-vpc.")


def owns(request: Request) -> bool:
    """Whether a request is for NAS: by its API version, its host, or an action that only NAS has."""
    return version_of(request) == VERSION or request.host.startswith(_HOSTS) or operation_of(request) in OPERATIONS


def operation(request: Request) -> str:
    """One of `OPERATIONS`, or ``Unknown``."""
    name = operation_of(request)
    return name if name in OPERATIONS else UNKNOWN
