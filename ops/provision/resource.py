"""A resource as it should be, and how that differs from what is there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""A resource's settings as its service spells them."""

Kind = Literal["project", "logstore", "index", "dashboard", "saved search", "alert", "queue"]


@dataclass(frozen=True)
class Resource:
    """One resource as it should be.

    Attributes:
        kind: what it is.
        name: its name; of an index, its logstore's.
        wanted: settings it must have. What it does not name is left as it is.
        initial: settings it gets when it is made and that nobody changes later.
        at_least: names in `wanted` of numbers that may be greater: setup never shortens what a person lengthened.
    """

    kind: Kind
    name: str
    wanted: Document
    initial: Document = field(default_factory=dict)
    at_least: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """One setting that is not as it should be.

    Attributes:
        field: where, e.g. ``keys.size.type``.
        now: its value; None when there is none.
        wanted: what it should be.
    """

    field: str
    now: object
    wanted: object


@dataclass(frozen=True)
class Step:
    """What is to be done about one resource.

    Attributes:
        resource: the resource.
        action: ``create`` it, ``update`` it, or ``keep`` it as it is.
        changes: what an update changes.
        document: everything a create or an update sends.
    """

    resource: Resource
    action: Literal["create", "update", "keep"]
    changes: tuple[Change, ...] = ()
    document: Document = field(default_factory=dict)


def compare(resource: Resource, current: Document | None) -> Step:
    """The step that makes a resource as it should be.

    Args:
        resource: how it should be.
        current: how it is; None when it does not exist.
    """
    if current is None:
        return Step(resource, "create", document=merged(resource.initial, resource.wanted))
    wanted = {name: _no_less(resource, name, value, current.get(name)) for name, value in resource.wanted.items()}
    changes = tuple(_changes("", wanted, current))
    if not changes:
        return Step(resource, "keep")
    return Step(resource, "update", changes, merged(current, wanted))


def merged(current: Document, wanted: Document) -> dict[str, Any]:
    """`current` with everything `wanted` names, mapping by mapping; lists are replaced whole."""
    both = {**current, **wanted}
    for name, value in wanted.items():
        below = current.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            both[name] = merged(below, value)
    return both


def _no_less(resource: Resource, name: str, wanted: object, now: object) -> object:
    if isinstance(wanted, Mapping) and isinstance(now, Mapping):
        return {key: _no_less(resource, key, value, now.get(key)) for key, value in wanted.items()}
    greater = isinstance(wanted, int) and isinstance(now, int) and now > wanted
    return now if name in resource.at_least and greater else wanted


def _changes(where: str, wanted: Document, current: Document) -> list[Change]:
    found: list[Change] = []
    for name, value in wanted.items():
        now = current.get(name)
        place = f"{where}.{name}".lstrip(".")
        if isinstance(value, Mapping) and isinstance(now, Mapping):
            found += _changes(place, value, now)
        elif not _holds(value, now):
            found.append(Change(place, now, value))
    return found


def _holds(wanted: object, now: object) -> bool:
    """Whether what is there is what is wanted; what a service added to a mapping does not count."""
    if isinstance(wanted, Mapping) and isinstance(now, Mapping):
        return all(_holds(value, now.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(now, list):
        return len(wanted) == len(now) and all(map(_holds, wanted, now))
    return wanted == now
