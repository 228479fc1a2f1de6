"""Protected paths: those of the policy file, for some file systems or policies only, and those that a tag adds.

A file system's tag ``nas-retention-protect`` holds path globs with ``:`` between them: ``/legal/**:/cases/2025/**``. A
value has 1 to 128 characters, does not start with ``aliyun`` or ``acs:`` and holds neither ``http://`` nor
``https://`` (documented: NAS, TagResources). That it may hold ``*`` and ``:`` is assumed, as no page forbids them. A
name with a colon is written with ``?`` instead of the colon. The tag only adds. A value that cannot be read protects
the whole file system: somebody wanted something kept, and what it was is unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from functions.retention.policy.fields import PROTECT_TAG, is_protect_key
from functions.retention.policy.globs import check_path_glob
from functions.retention.policy.selection import ScopedProtect, plainly_spelled
from functions.retention.policy.spelling import doubts

SEPARATOR = ":"

EVERYTHING = "/**"


class ProtectRule(NamedTuple):
    """One glob that protects.

    Attributes:
        glob: path glob; what matches is protected with everything in it.
        key: where it stands, ``guardrails.protect`` or ``tag nas-retention-protect``.
        policies: names of the policies it protects from; empty for all.
    """

    glob: str
    key: str = "guardrails.protect"
    policies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The rule for a person, like ``guardrails.protect: /finance``."""
        scope = f" (policies {', '.join(self.policies)})" if self.policies else ""
        return f"{self.key}: {self.glob}{scope}"


def rules_of(protect: Sequence[str | ScopedProtect], file_system: str | None = None) -> Iterator[ProtectRule]:
    """The rules of a policy file for a file system; None takes the rules of all, so that a caller keeps too much."""
    for each in protect:
        if isinstance(each, str):
            yield ProtectRule(each)
        elif file_system is None or not each.file_systems or file_system in each.file_systems:
            yield from (ProtectRule(glob, policies=each.policies) for glob in each.paths)


def protected_on(
    protect: Sequence[str | ScopedProtect], file_system: str, tags: Mapping[str, str] | None
) -> tuple[ProtectRule, ...]:
    """All that is protected on a file system.

    Args:
        protect: ``guardrails.protect``.
        file_system: file system id.
        tags: of the file system; None, tags that cannot be read, protects everything.
    """
    of_tag = (ProtectRule(glob, f"tag {PROTECT_TAG}") for glob in _tagged(tags))
    return (*rules_of(protect, file_system), *of_tag)


def odd_protect_tag(tags: Mapping[str, str]) -> str | None:
    """What is wrong with the tag's value, and how to write it; None when it can be read, or there is no such tag."""
    value = protect_values(tags)
    try:
        _globs(value) if value is not None else ()
    except ValueError as error:
        what = f"the tag {PROTECT_TAG} is {value!r}: {error}"
        return f"{what}; write path globs with {SEPARATOR} between them, like /legal/**:/cases/**"
    return None


def protect_values(tags: Mapping[str, str]) -> str | None:
    """The values of all tags with the key as one text, None when the file system carries none."""
    values = [tags[key] for key in sorted(tags) if is_protect_key(key)]
    return SEPARATOR.join(values) if values else None


def _tagged(tags: Mapping[str, str] | None) -> list[str]:
    if tags is None or odd_protect_tag(tags):
        return [EVERYTHING]
    value = protect_values(tags)
    return [] if value is None else list(dict.fromkeys(_globs(value)))


def _globs(value: str) -> list[str]:
    """The globs in a value. Raises ValueError with what is wrong with the first that cannot be meant as it stands."""
    globs = []
    for part in value.split(SEPARATOR):
        plainly_spelled(part)
        globs.append(check_path_glob(part))
        if doubt := next(doubts(globs[-1]), None):
            raise ValueError(f"{part!r}: {doubt}")
    return globs
