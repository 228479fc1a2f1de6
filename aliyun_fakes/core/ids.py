"""Ids as the services make them, from a seed: the same seed gives the same ids."""

import random
import uuid


class Ids:
    """A seeded source of ids.

    Args:
        seed: any integer.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(f"ids:{seed}")

    def request_id(self) -> str:
        """An upper-case UUID, the shape of ``RequestId`` (documented in every operation's sample)."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4)).upper()

    def hex(self, digits: int) -> str:
        """Lower-case hex digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return self._random.randint(low, high)
