"""Which entries of a bin are due to expire, found without looking at those that are not."""

from array import array
from collections.abc import Callable
from math import inf

from aliyun_fakes.nas.entries import Node


class ExpiryQueue:
    """Entries by the moment their retention ends; O(1) while nothing is due.

    Args:
        due: when a recycled node's retention ends, seconds since the epoch.

    Entries are put in order only when the first of the new ones is due. Nodes that left the bin otherwise keep
    their place and are passed over.
    """

    def __init__(self, due: Callable[[Node], float]) -> None:
        self._due = due
        self._ordered: list[Node] = []  # latest first
        self._dues = array("d")
        self._new: list[Node] = []
        self._new_due = inf

    def add(self, node: Node) -> None:
        """Watch a node that has just gone into the bin."""
        self._new.append(node)
        self._new_due = min(self._new_due, self._due(node))

    def refresh(self) -> None:
        """Work everything out again: the rule for what is due has changed."""
        self._put_in_order()

    def pop(self, until: float) -> Node | None:
        """A node of the bin whose retention ended at or before `until`, earliest first; None when there is none."""
        if self._new_due <= until:
            self._put_in_order()
        while self._dues and self._dues[-1] <= until:
            due, node = self._dues.pop(), self._ordered.pop()
            if node.deleted_at is not None and self._due(node) <= due:
                return node
        return None

    def _put_in_order(self) -> None:
        nodes = [node for node in self._ordered + self._new if node.deleted_at is not None]
        nodes.sort(key=self._due, reverse=True)
        self._ordered, self._dues = nodes, array("d", map(self._due, nodes))
        self._new, self._new_due = [], inf
