"""What the doctor finds. Pure."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["wrong", "notice"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        level: ``wrong`` has to be mended; a ``notice`` is for knowing.
        check: which check found it.
        what: the fact.
        remedy: what to do about it.
    """

    level: Level
    check: str
    what: str
    remedy: str
