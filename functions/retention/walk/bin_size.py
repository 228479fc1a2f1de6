"""The size of a recycle bin: as the service tells it, as a walk listed it, and what of it is not known.

Neither figure is proven. How late the counters of GetRecycleBinAttribute are, and whether ``Size`` includes the colder
storage classes, is not documented (API page of GetRecycleBinAttribute, 2025). A listing can lack sizes, and a walk does
not look into every directory. Where two figures differ, the one counts with which less is deleted.
"""

from dataclasses import dataclass

from functions.retention.core import BinAttributes


@dataclass(frozen=True, slots=True)
class BinSize:
    """How large a bin is.

    Attributes:
        reported: GetRecycleBinAttribute; its figures may be late, too small or missing.
        listed: bytes of all files that a walk listed, without those of unknown size.
        unknown: files listed without a size, and directories not looked into.
        taken: bytes that jobs of ours took since that walk began.
    """

    reported: BinAttributes
    listed: int
    unknown: int = 0
    taken: int = 0

    @property
    def bytes(self) -> int:
        """Bytes that the bin holds at least, for a share of it.

        What is told, but where a walk saw everything not more than that; what is listed when nothing is told.
        """
        listed = max(self.listed - self.taken, 0)
        size = self.reported.size
        if size is None:
            return listed
        told = max(size, self.reported.colder)  # they overlap if `Size` includes the colder classes
        return told if self.unknown else min(told, listed)

    def surplus(self, limit: int) -> int:
        """Bytes by which the bin is surely over a limit, 0 if it may be under it."""
        told, known = self.reported.all_bytes, self.listed - self.taken
        return max((known if told is None else min(told, known)) - limit, 0)

    @property
    def counted(self) -> str:
        """Which figure a surplus is counted from: ``reported`` or ``listed``."""
        told = self.reported.all_bytes
        return "listed" if told is None or self.listed - self.taken <= told else "reported"

    def share(self, size: int, unknown: int = 0) -> float | None:
        """The part of the bin's bytes, 0 to 1, that a selection takes; None when that is not known.

        Args:
            size: bytes of what is selected and of known size.
            unknown: how many selected files are of unknown size.
        """
        return share_of(self.bytes, size, unknown)


def share_of(bin_bytes: int, size: int, unknown: int = 0) -> float | None:
    """The part of so many bytes; see `BinSize.share`."""
    if unknown:
        return None
    return min(size / bin_bytes, 1.0) if bin_bytes else float(size > 0)
