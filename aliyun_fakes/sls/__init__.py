"""Log Service (SLS): writing, searching, and the resources a project holds.

Start reading at `models`; `responses` is the wire, `table.yaml` what is covered.
"""

from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.models import SlsModel
from aliyun_fakes.sls.responses import SlsService
from aliyun_fakes.sls.settings import SlsSettings

__all__ = ["SlsError", "SlsModel", "SlsService", "SlsSettings"]
