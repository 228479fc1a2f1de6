"""What the NAS contract tests play on: a small file system, and the official SDK called by operation names."""

import re
from collections.abc import Mapping
from typing import Any

from alibabacloud_nas20170626 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from aliyun_fakes.nas import FileSystem, NasModel

Parameters = Mapping[str, object]
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class Stage:
    """A file system: ``/docs`` live with ``old.txt`` (700 bytes) and the tree ``sub`` (one file) in the bin.

    Attributes:
        old, sub, inner: FileIds of the file, of the directory, and of the file in it.
        docs: FileId of the live directory.
        live: FileId of the live file ``/live.txt``.
    """

    def __init__(self, model: NasModel) -> None:
        self.model = model
        self.file_system: FileSystem = model.create_file_system("1ca4040000", tags={"team": "storage"})
        self.docs = self.file_system.mkdir("/docs")
        self.live = self.file_system.write("/live.txt", 30)
        self.file_system.write("/docs/old.txt", 700)
        self.inner = self.file_system.write("/docs/sub/inner.txt", 5)
        self.old = self.file_system.unlink("/docs/old.txt")
        self.sub = self.file_system.rm_rf("/docs/sub")

    @property
    def id(self) -> str:
        return self.file_system.file_system_id

    def later(self, seconds: float = 60.0) -> None:
        """Let time pass."""
        self.model.clock.sleep(seconds)


class Sdk:
    """The official client, by operation and parameter names as the pages have them."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - an SDK without types
        self._client = client

    def __call__(self, operation: str, **parameters: object) -> dict[str, Any]:
        """The body of the answer, as the SDK's typed model understood it."""
        request = getattr(models, f"{operation}Request")().from_map(parameters)
        reply = getattr(self._client, method_of(operation))(request)
        body: dict[str, Any] = reply.body.to_map()
        return body

    def refusal(self, operation: str, **parameters: object) -> tuple[int, str, str]:
        """Status, code and message of the error that an operation answers."""
        try:
            self(operation, **parameters)
        except AlibabaCloudException as error:
            return error.status_code, error.code, error.data["Message"]
        raise AssertionError(f"{operation} was not refused")


def method_of(operation: str) -> str:
    """The SDK's method for an operation."""
    return _WORD.sub("_", operation).lower()
