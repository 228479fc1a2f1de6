"""A fake of Apsara File Storage NAS: the recycle bin of General-purpose file systems, discovery and tags."""

from fakes.nas.coverage import COVERAGE
from fakes.nas.entries import BinEntry
from fakes.nas.file_system import FileSystem, Profile
from fakes.nas.models import NasModel
from fakes.nas.responses import NasService
from fakes.nas.settings import DurationModel, JobFault, NasSettings

__all__ = [
    "COVERAGE",
    "BinEntry",
    "DurationModel",
    "FileSystem",
    "JobFault",
    "NasModel",
    "NasService",
    "NasSettings",
    "Profile",
]
