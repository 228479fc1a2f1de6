"""What a fake covers, as rows that a test keeps true and a page is rendered from."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["documented", "observed", "assumed"]


@dataclass(frozen=True)
class Behaviour:
    """One covered behaviour.

    Attributes:
        service: e.g. ``nas``.
        operation: e.g. ``CreateRecycleBinDeleteJob``; ``*`` for what holds for all of them.
        what: a parameter, an error code, or a behaviour in a few words.
        mark: documented by the vendor, observed (in an SDK or on its wire), or assumed.
        source: page and date, or where it was seen; for an assumption, what it is inferred from.
        switch: the settings field that changes it; "" when nothing does.
    """

    service: str
    operation: str
    what: str
    mark: Mark
    source: str
    switch: str = ""
