"""The errors of NAS; ``table.yaml`` lists them."""

from pathlib import Path

from aliyun_fakes.core.tables import ServiceError, read_table


class NasError(ServiceError):
    """NAS refuses a request."""

    table = read_table(Path(__file__).with_name("table.yaml"))
