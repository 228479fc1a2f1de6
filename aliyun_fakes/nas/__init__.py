"""Apsara File Storage NAS: the recycle bin of General-purpose file systems, discovery and tags.

Start reading at `file_system`; `responses` is the wire, `table.yaml` what is covered.
"""

from aliyun_fakes.nas.entries import BinEntry
from aliyun_fakes.nas.file_system import FileSystem, Profile
from aliyun_fakes.nas.job_behaviour import DurationModel, JobFault
from aliyun_fakes.nas.models import NasModel
from aliyun_fakes.nas.responses import NasService
from aliyun_fakes.nas.settings import NasSettings

__all__ = [
    "BinEntry",
    "DurationModel",
    "FileSystem",
    "JobFault",
    "NasModel",
    "NasService",
    "NasSettings",
    "Profile",
]
