"""NAS on the wire: parameters in, answers out. The recycle bin; discovery and tags are in `responses_meta`."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from aliyun_fakes.core.credentials import AccessKeys
from aliyun_fakes.core.gateway import Answer, Call, Gateway, RpcService
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.acs import AcsVerifier
from aliyun_fakes.nas import urls
from aliyun_fakes.nas.entries import Node, service_time
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.file_system import FileSystem, Page, last_delete
from aliyun_fakes.nas.jobs import STATUSES, Job
from aliyun_fakes.nas.models import NasModel
from aliyun_fakes.nas.parameters import MAX_RESULTS, PAGE_NUMBER, PAGE_SIZE, RESERVED_DAYS, Parameters
from aliyun_fakes.nas.responses_meta import describe_file_systems, list_tag_resources, tag_resources, untag_resources

Handler = Callable[[NasModel, Parameters], Answer]
_ALL = "All"


class NasService(RpcService):
    """The service as the dispatcher calls it; see `aliyun_fakes.core.dispatch.Service`.

    Args:
        model: state and behaviour.
        keys: the identities that may call.
        wall: the machine's time, seconds since the epoch, for the freshness of signatures.
    """

    name = "nas"

    def __init__(self, model: NasModel, keys: AccessKeys, wall: Callable[[], float] = time.time) -> None:
        self._model = model
        verifier = AcsVerifier(keys, wall_clock=wall)
        gateway = Gateway(self.name, urls.VERSION, keys, model.ids, known=urls.KNOWN, verifier=verifier)
        super().__init__(gateway, {name: partial(self._run, handler) for name, handler in HANDLERS.items()})

    def owns(self, request: Request) -> bool:
        """See `aliyun_fakes.core.dispatch.Service`."""
        return urls.owns(request)

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's
        """Seconds from request to reply."""
        settings = self._model.settings
        return settings.list_seconds if operation in urls.LISTINGS else settings.call_seconds

    def _run(self, handler: Handler, call: Call) -> Answer:
        self._model.count_call(call.key.id)
        return handler(self._model, Parameters(call.parameters, clamps=self._model.settings.out_of_range == "clamped"))


def _file_system(model: NasModel, parameters: Parameters, *required: str) -> FileSystem:
    """The file system a call is about, once all its required parameters are there (the order is assumed)."""
    parameters.refuse_illegal()
    file_system_id = parameters.demand("FileSystemId")
    for name in required:
        parameters.demand(name)
    return model.with_bin(file_system_id)


def _enable(model: NasModel, parameters: Parameters) -> Answer:
    days = parameters.number(RESERVED_DAYS)
    _file_system(model, parameters).enable(days)
    return {}


def _disable(model: NasModel, parameters: Parameters) -> Answer:
    _file_system(model, parameters).disable()
    return {}


def _update(model: NasModel, parameters: Parameters) -> Answer:
    file_system = _file_system(model, parameters, "ReservedDays")
    file_system.set_reserved_days(parameters.number(RESERVED_DAYS))
    return {}


def _attribute(model: NasModel, parameters: Parameters) -> Answer:
    file_system = _file_system(model, parameters)
    enabled = file_system.bin_enabled
    attribute: dict[str, object] = {
        "Status": "Enable" if enabled else "Disable",
        "ReservedDays": file_system.bin.reserved_days if enabled else 0,
        "EnableTime": "" if file_system.enabled_at is None else service_time(file_system.enabled_at),
        "SecondarySize": file_system.secondary_size,
    }
    if file_system.settings.bin_size_reported:
        attribute["Size"] = file_system.bin_size
    if file_system.settings.archive_size_reported:
        attribute["ArchiveSize"] = file_system.archive_size
    return {"RecycleBinAttribute": attribute}


def _recent(model: NasModel, parameters: Parameters) -> Answer:
    limit = parameters.number(MAX_RESULTS)
    file_system = _file_system(model, parameters)
    page = file_system.list_recent(parameters.text("NextToken"), limit)
    return _next_token(file_system, page) | {"Entries": [_directory(file_system, node) for node in page.nodes]}


def _recycled(model: NasModel, parameters: Parameters) -> Answer:
    limit = parameters.number(MAX_RESULTS)
    file_system = _file_system(model, parameters, "FileId")
    page = file_system.list_recycled(parameters.text("FileId"), parameters.text("NextToken"), limit)
    return _next_token(file_system, page) | {"Entries": [_entry(file_system, node) for node in page.nodes]}


def _delete(model: NasModel, parameters: Parameters) -> Answer:
    return _create_job(model, parameters, "CreateRecycleBinDeleteJob", "FileId")


def _restore(model: NasModel, parameters: Parameters) -> Answer:
    return _create_job(model, parameters, "CreateRecycleBinRestoreJob", "FileId", "TargetFileId")


def _create_job(model: NasModel, parameters: Parameters, operation: str, *required: str) -> Answer:
    token = parameters.client_token()
    file_system = _file_system(model, parameters, *required)
    given = {name: parameters.text(name) for name in ("FileSystemId", *required)}
    return {"JobId": model.create_job(operation, file_system, given, token)}


def _cancel(model: NasModel, parameters: Parameters) -> Answer:
    parameters.refuse_illegal()
    file_system, job = model.find_job(parameters.demand("JobId"))
    file_system.cancel_job(job.id)
    return {}


def _jobs(model: NasModel, parameters: Parameters) -> Answer:
    number, size = parameters.number(PAGE_NUMBER), parameters.number(PAGE_SIZE)
    file_system = _file_system(model, parameters)
    jobs = list(_wanted_jobs(file_system, parameters.text("JobId"), parameters.text("Status") or _ALL))
    now = model.clock.now()
    return {
        "TotalCount": len(jobs),
        "PageNumber": number,
        "PageSize": size,
        "Jobs": [_job(job, now) for job in islice(jobs, (number - 1) * size, number * size)],
    }


def _wanted_jobs(file_system: FileSystem, job_id: str, status: str) -> Iterator[Job]:
    if status not in (_ALL, *STATUSES):
        raise NasError("InvalidStatus")
    jobs = list(file_system.recent_jobs())
    if job_id and all(job.id != job_id for job in jobs):
        raise NasError("InvalidJobId.NotFound", JobId=job_id)
    return (job for job in jobs if job_id in ("", job.id) and status in (_ALL, job.status))


def _next_token(file_system: FileSystem, page: Page) -> dict[str, object]:
    if not page.next_token and file_system.settings.last_page_token == "absent":
        return {}
    return {"NextToken": page.next_token}


def _directory(file_system: FileSystem, node: Node) -> dict[str, object]:
    """An entry of ListRecentlyRecycledDirectories."""
    fields: dict[str, object] = {
        "FileId": str(node.inode),
        "Path": node.path,
        "Name": node.name,
        "LastDeleteTime": service_time(last_delete(node)),
    }
    return _distorted(file_system, node, fields)


def _entry(file_system: FileSystem, node: Node) -> dict[str, object]:
    """An entry of ListRecycledDirectoriesAndFiles."""
    file_id = str(node.inode)
    fields: dict[str, object] = {
        "FileId": file_id,
        "Type": "File" if node.directory is None else "Directory",
        "Name": node.name,
        "DeleteTime": service_time(node.deleted_at or 0),
        "Inode": file_id,
        "ATime": service_time(node.atime),
        "MTime": service_time(node.mtime),
        "CTime": service_time(node.ctime),
    }
    if file_system.settings.entry_sizes_reported:
        fields["Size"] = node.size
    return _distorted(file_system, node, fields)


def _distorted(file_system: FileSystem, node: Node, fields: dict[str, object]) -> dict[str, object]:
    distortion = file_system.distortions.get(str(node.inode))
    if distortion is None:
        return fields
    known = {name: value for name, value in distortion.items() if name in fields}
    return {name: value for name, value in (fields | known).items() if value is not None}


def _job(job: Job, now: float) -> dict[str, object]:
    return {
        "Id": job.id,
        "Type": job.type,
        "FileId": job.file_id,
        "FileName": job.file_name,
        "Status": job.status,
        "Progress": str(job.progress(now)),
        "ErrorCode": job.error_code,
        "ErrorMessage": job.error_message,
        "CreateTime": service_time(job.start),
    }


HANDLERS: dict[str, Handler] = {
    "EnableRecycleBin": _enable,
    "DisableAndCleanRecycleBin": _disable,
    "UpdateRecycleBinAttribute": _update,
    "GetRecycleBinAttribute": _attribute,
    "ListRecentlyRecycledDirectories": _recent,
    "ListRecycledDirectoriesAndFiles": _recycled,
    "CreateRecycleBinDeleteJob": _delete,
    "CreateRecycleBinRestoreJob": _restore,
    "CancelRecycleBinJob": _cancel,
    "ListRecycleBinJobs": _jobs,
    "DescribeFileSystems": describe_file_systems,
    "TagResources": tag_resources,
    "UntagResources": untag_resources,
    "ListTagResources": list_tag_resources,
}
"""By operation."""
