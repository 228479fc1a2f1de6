"""From wanted resources to a plan, and from a plan to the cloud."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from functions.retention.core import CloudError
from ops.exit_codes import Partial
from ops.provision.resource import Document, Kind, Resource, Step, compare


class Resources(Protocol):
    """Read, create and update resources of one kind."""

    def read(self, name: str) -> Document | None:
        """A resource as it is, or None when it, or what it would live in, does not exist.

        Raises:
            CloudError: the service does not say.
        """

    def create(self, name: str, document: Document) -> None:
        """Make a resource.

        Raises:
            CloudError: the service refuses, or does not say.
        """

    def update(self, name: str, document: Document) -> None:
        """Change a resource to this document.

        Raises:
            CloudError: as `create`.
        """


ResourcesByKind = Mapping[Kind, Resources]


def make_plan(wanted: Sequence[Resource], by_kind: ResourcesByKind) -> list[Step]:
    """What has to be done, in the order in which it can be; changes nothing.

    Raises:
        CloudError: a service does not say what is there.
    """
    return [compare(resource, by_kind[resource.kind].read(resource.name)) for resource in wanted]


def apply_plan(steps: Sequence[Step], by_kind: ResourcesByKind, report: Callable[[Step], None]) -> None:
    """Do what a plan says, up to the first step that fails; again is always safe.

    Args:
        steps: from `make_plan`.
        by_kind: as there.
        report: called after each step that was done.

    Raises:
        CloudError: the very first change failed, so nothing was changed.
        Partial: a later one failed.
    """
    done = 0
    for step in steps:
        resources, name = by_kind[step.resource.kind], step.resource.name
        try:
            if step.action == "create":
                resources.create(name, step.document)
            elif step.action == "update":
                resources.update(name, step.document)
        except CloudError as error:
            if not done:
                raise
            raise Partial(f"{done} steps done, then {step.resource.kind} {name}: {error}") from error
        done += step.action != "keep"
        report(step)
