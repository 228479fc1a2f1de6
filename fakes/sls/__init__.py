"""A fake of Log Service (SLS): writing, searching, and the resources a project holds."""

from fakes.sls.coverage import COVERAGE
from fakes.sls.errors import SlsError
from fakes.sls.models import SlsModel
from fakes.sls.responses import SlsService
from fakes.sls.settings import SlsSettings

__all__ = ["COVERAGE", "SlsError", "SlsModel", "SlsService", "SlsSettings"]
