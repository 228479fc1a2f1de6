"""The errors of Log Service; ``table.yaml`` lists them."""

from pathlib import Path

from aliyun_fakes.core.tables import ServiceError, read_table


class SlsError(ServiceError):
    """The log service refuses a request."""

    table = read_table(Path(__file__).with_name("table.yaml"))
