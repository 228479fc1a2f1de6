"""The access keys the fakes know."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AccessKey:
    """One identity's key.

    Attributes:
        id: the AccessKey id.
        secret: what signatures are made with; never shown.
        security_token: set for temporary (STS) keys, which must send it along.
        allowed: actions this identity may call, as ``nas:CreateRecycleBinDeleteJob`` or ``nas:*``; ``*`` is everything.
        denied: actions it may not call whatever is allowed, written alike.
        active: a disabled key is known but refused.
    """

    id: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    allowed: frozenset[str] = frozenset({"*"})
    denied: frozenset[str] = frozenset()
    active: bool = True

    def may(self, action: str) -> bool:
        """Whether the identity may call ``<service>:<Action>``."""
        names = {"*", action, action.partition(":")[0] + ":*"}
        return bool(names & self.allowed) and not names & self.denied


TEST_KEY = AccessKey("LTAI5tFakeFakeFakeFake", "fake-secret-of-the-fake-cloud")


class AccessKeys:
    """All keys, by id."""

    def __init__(self, keys: Iterable[AccessKey] = (TEST_KEY,)) -> None:
        self._by_id = {key.id: key for key in keys}

    def add(self, key: AccessKey) -> None:
        """Make a key known, or replace it."""
        self._by_id[key.id] = key

    def get(self, key_id: str) -> AccessKey | None:
        """The key with this id, if known."""
        return self._by_id.get(key_id)
